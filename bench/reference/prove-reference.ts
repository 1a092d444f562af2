/**
 * Proof that a gateway does all of the reference request before it is measured: whom it lets pass and whom not, what the
 * origin sees, that a client is stopped at its rate, and that every call has its line in the log.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningGateway } from '../gateway/gateway.ts'
import { accessLogPath } from '../gateway/postern.ts'
import { answerOf } from '../gateway/prove.ts'
import { forged, type Issuer } from './issuer.ts'

/** The rate of the instances that are proven; those that are measured have one that no load reaches. */
export const PROVEN_RATE = 20

const LOG_MS = 2_000
const HOUR_SECONDS = 3_600

/** Runs against a fresh instance that allows each client `PROVEN_RATE` requests in ten seconds. */
export async function proveReference(running: RunningGateway, issuer: Issuer): Promise<void> {
  const probe = new Probe(running)
  await proveTokens(probe, issuer)
  await proveOrigin(probe, issuer)
  await proveRate(probe, issuer)
  await proveLog(probe)
}

class Probe {
  readonly running: RunningGateway
  /** Requests that were answered. */
  count = 0

  constructor(running: RunningGateway) {
    this.running = running
  }

  async ask(path: string, token: string): Promise<{ status: number; body: string }> {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
    const answer = await answerOf(`http://127.0.0.1:${this.running.port}${path}`, headers)
    this.count++
    return answer
  }

  async expect(what: string, token: string, status: number): Promise<void> {
    const answer = await this.ask('/api/pets', token)
    if (answer.status !== status) this.fail(`answers ${answer.status} to ${what}, not ${status}`)
  }

  fail(what: string): never {
    throw new Error(`bench: ${this.running.name} does not do the reference request: it ${what}`)
  }
}

async function proveTokens(probe: Probe, issuer: Issuer): Promise<void> {
  const now = Math.floor(Date.now() / 1_000)
  const good = issuer.token('prove-tokens')
  const but = (changes: Record<string, unknown>) => issuer.token('prove-tokens', changes)
  await probe.expect('a good token', good, 200)
  await probe.expect('no token', '', 401)
  await probe.expect('a forged token', forged(good), 401)
  await probe.expect('an expired token', but({ exp: now - HOUR_SECONDS }), 401)
  await probe.expect('a token that never expires', but({ exp: undefined }), 401)
  await probe.expect('a token of another issuer', but({ iss: 'http://127.0.0.1:1' }), 401)
  await probe.expect('a token for another audience', but({ aud: 'elsewhere' }), 401)
  await probe.expect('a token without the scope', but({ scope: 'openid' }), 403)
}

async function proveOrigin(probe: Probe, issuer: Issuer): Promise<void> {
  const { body } = await probe.ask('/api/proof', issuer.token('prove-origin'))
  const expected = '{"path":"/private/proof","client":"prove-origin","gateway":"bench"}'
  if (body !== expected) probe.fail(`has the origin see ${body}, not ${expected}`)
}

async function proveRate(probe: Probe, issuer: Issuer): Promise<void> {
  const token = issuer.token('prove-rate')
  const asked = 2 * PROVEN_RATE
  let passed = 0
  for (let i = 0; i < asked; i++) {
    const { status } = await probe.ask('/api/pets', token)
    if (status === 200) passed++
    else if (status !== 429) probe.fail(`answers ${status} to a client beyond its rate`)
  }
  // Some buckets fill up again meanwhile.
  if (passed < PROVEN_RATE / 2 || passed > 1.5 * PROVEN_RATE) {
    probe.fail(`lets ${passed} of ${asked} requests pass at a rate of ${PROVEN_RATE}`)
  }
  await probe.expect('another client than the one beyond its rate', issuer.token('other'), 200)
}

/** Lines are written in batches: there is some time for the last of them. */
async function proveLog(probe: Probe): Promise<void> {
  const path = accessLogPath(probe.running.folder)
  const giveUpAt = performance.now() + LOG_MS
  for (;;) {
    const statuses = statusesIn(readFileSync(path, 'utf8'))
    if (statuses.length >= probe.count) {
      for (const status of [200, 401, 403, 429]) {
        if (!statuses.includes(status)) probe.fail(`has no line of a ${status} in its log`)
      }
      return
    }
    if (performance.now() > giveUpAt) {
      probe.fail(`has logged ${statuses.length} of ${probe.count} requests`)
    }
    await sleep(50)
  }
}

/** Of whole lines that are JSON and speak of a request; throws when one is not JSON. */
function statusesIn(log: string): readonly unknown[] {
  const lines = log.slice(0, log.lastIndexOf('\n') + 1).split('\n')
  const entries = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  return entries.map(({ status }) => status).filter((status) => status !== undefined)
}
