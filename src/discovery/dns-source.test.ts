import assert from 'node:assert/strict'
import type { RecordWithTtl, SrvRecord } from 'node:dns'
import { test } from 'node:test'
import { type DnsResolver, DnsSource, type DnsSourceParts } from './dns-source.ts'

interface Zone {
  readonly a?: Readonly<Record<string, readonly RecordWithTtl[]>>
  readonly aaaa?: Readonly<Record<string, readonly RecordWithTtl[]>>
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>
}

function resolverOf(zone: () => Zone): DnsResolver {
  const answer = async <T>(records: readonly T[] | undefined): Promise<T[]> => {
    if (records !== undefined) return [...records]
    throw Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' })
  }
  return {
    resolve4: (name) => answer(zone().a?.[name]),
    resolve6: (name) => answer(zone().aaaa?.[name]),
    resolveSrv: (name) => answer(zone().srv?.[name]),
    cancel: () => {},
  }
}

/** Runs a source; each step waits for what it says, and for when it asks again. */
function run(source: DnsSourceParts['source'], zone: () => Zone) {
  const said: string[] = []
  const delays: number[] = []
  let again: () => void = () => {}
  let wake: () => void = () => {}
  const dns = new DnsSource({
    source,
    resolver: resolverOf(zone),
    random: () => 1,
    targetsMax: 2,
    after: (delayMs, action) => {
      delays.push(delayMs)
      again = action
      wake()
      return () => {}
    },
  })
  const settled = () => new Promise<void>((resolve) => (wake = resolve))
  const first = settled()
  dns.start({
    found: (targets) =>
      said.push(targets.map(({ host, port, weight }) => `${host}:${port}*${weight}`).join(' ')),
    failed: (reason) => said.push(`! ${reason}`),
  })
  return {
    said,
    delays,
    dns,
    first,
    next: () => {
      const done = settled()
      again()
      return done
    },
  }
}

const SHOP = { kind: 'dns', type: 'A', name: 'shop', port: 80 } as const

test('addresses are asked for again when the shortest time to live is over, within bounds', async () => {
  const ttls = [[60, 30], [0], [86_400]]
  const zone = () => ({
    a: { shop: ttls[0]!.map((ttl, i) => ({ address: `10.0.0.${2 - i}`, ttl })) },
  })
  const { said, delays, first, next } = run(SHOP, zone)
  await first
  for (let i = 0; i < 2; i++) {
    ttls.shift()
    await next()
  }
  assert.deepEqual(delays, [30_000, 1_000, 300_000])
  assert.equal(said[0], '10.0.0.1:80*1 10.0.0.2:80*1', 'in an order that stays')
})

test('failures are told and wait longer each time; no records are a failure', async () => {
  let zone: Zone = {}
  const { said, delays, first, next } = run(SHOP, () => zone)
  await first
  await next()
  zone = { a: { shop: [] } }
  await next()
  zone = { a: { shop: [{ address: '10.0.0.1', ttl: 5 }] } }
  await next()
  zone = {}
  await next()
  assert.deepEqual(delays, [500, 1_000, 2_000, 5_000, 500])
  assert.deepEqual(said, [
    '! A records of shop: ENOTFOUND',
    '! A records of shop: ENOTFOUND',
    '! A records of shop: the answer has no records',
    '10.0.0.1:80*1',
    '! A records of shop: ENOTFOUND',
  ])
})

test('of SRV records the lowest priority counts, with weights; hosts that are not there are left out', async () => {
  const record = (name: string, priority: number, weight: number) => ({
    name,
    port: 9_000,
    priority,
    weight,
  })
  const zone = {
    srv: { _http: [record('a', 1, 5), record('b', 1, 0), record('c', 2, 9)] },
    a: { a: [{ address: '10.0.0.1', ttl: 120 }], c: [{ address: '10.0.0.3', ttl: 1 }] },
    aaaa: { b: [{ address: 'fd00::2', ttl: 20 }] },
  }
  const { said, delays, first, next } = run({ kind: 'dns', type: 'SRV', name: '_http' }, () => zone)
  await first
  assert.deepEqual(said, ['10.0.0.1:9000*5 fd00::2:9000*1'])
  assert.deepEqual(delays, [20_000])
  zone.srv._http = [record('a', 1, 5), record('nobody', 1, 5)]
  await next()
  assert.deepEqual(said[1], '10.0.0.1:9000*5')
  assert.equal(delays[1], 30_000, 'SRV records themselves tell no time to live')
  zone.srv._http = [record('nobody', 1, 5)]
  await next()
  assert.match(said[2]!, /^! SRV records of _http: no host/)
})

test('whoever has stopped says nothing more', async () => {
  const { said, delays, dns } = run(SHOP, () => ({
    a: { shop: [{ address: '10.0.0.1', ttl: 1 }] },
  }))
  dns.stop()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([said, delays], [[], []])
})
