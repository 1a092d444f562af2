/** The COST rows: what one feature adds to a request, by instances of Postern with it and without. */
import { alternate, type Measured, type Subject } from '../alternate.ts'
import type { Bench } from '../bench.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type PosternOptions, postern } from '../gateway/postern.ts'
import { traced } from '../gateway/reference.ts'
import { type ReferenceApi, referenceDefinition } from '../gateway/reference-definition.ts'
import { RATE_MAX, ReferenceLoad } from '../reference/reference-load.ts'
import { type SignedKey, seedKeys, signedKeys } from '../reference/signed-requests.ts'
import { CPU, requestFigures } from '../request-figures.ts'
import type { Claim, Row } from '../row.ts'
import { pairedDifference, pairedRatio } from '../statistics.ts'

/** So many tokens, and a memory for so few, that none is known when it comes again. */
const FRESH_TOKENS = 1_000
const KNOWN_TOKENS_MAX = 100
/** More than there are signing keys remembered, so that each is derived anew. */
const NEW_SIGNERS = 2_000

/** One feature, switched on alone, or beside the one that it cannot do without. */
interface Feature {
  readonly name: string
  readonly api?: (load: ReferenceLoad) => Partial<ReferenceApi>
  readonly options?: (bench: Bench) => PosternOptions
  /** Clients with a token each, if not as many as P1 has. */
  readonly clients?: number
  /** Calls are signed, with so many access keys in turn. */
  readonly signers?: number
  /** What it is compared with, if not with nothing on. */
  readonly over?: string
}

interface Group {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly features: readonly Feature[]
}

const WITHOUT = 'nothing on'
const KNOWN = 'known tokens'
const METHOD =
  'The requests of P1 at instances of Postern that each have one thing on, and at one that has nothing on but its ' +
  'figures and the records of `postern explain`; they take turns. The cost is the difference of processor time per ' +
  'request within each run. '

const ACCESS: Group = {
  id: 'COSTACCESS',
  title: 'What it costs to know and to limit the caller',
  about:
    'A known token was verified before; a new one never, which is a thousand tokens at an instance that remembers a ' +
    'hundred. Calls are signed with Signature Version 4 by a key of the account; the signing key of a day is remembered ' +
    'for a thousand access keys. Limits are so far away that nobody is refused.',
  features: [
    { name: KNOWN, api: guarded },
    {
      name: 'new tokens',
      api: guarded,
      options: () => ({ flags: ['--limit', `goodTokens=${KNOWN_TOKENS_MAX}`] }),
      clients: FRESH_TOKENS,
    },
    { name: 'signed calls', api: () => ({ signed: true }), signers: 1 },
    {
      name: 'signed calls, each with a new key',
      api: () => ({ signed: true }),
      signers: NEW_SIGNERS,
    },
    {
      name: 'a limit for all',
      options: () => ({ flags: ['--limit', `accountRatePerSecond=${RATE_MAX / 10}`] }),
    },
    {
      name: 'a limit for each client',
      api: (load) => ({ ...guarded(load), requestsPerTenSeconds: RATE_MAX }),
      over: KNOWN,
    },
  ],
}

const OBSERVE: Group = {
  id: 'COSTOBSERVE',
  title: 'What it costs to change a request, to log it and to trace it',
  about:
    'Log lines are JSON and go to a file; spans go over OTLP to a collector that throws them away.',
  features: [
    { name: 'two headers added', api: () => ({ addsHeaders: true }) },
    { name: 'access log', options: () => ({ accessLog: 'json' }) },
    { name: 'traced, none recorded', options: (bench) => traced(bench, 'passive') },
    { name: 'traced, 1 % recorded', options: (bench) => traced(bench, '1%') },
    { name: 'traced, all recorded', options: (bench) => traced(bench, '100%') },
  ],
}

export const featureCosts: readonly Row[] = [ACCESS, OBSERVE].map(rowOf)

function guarded({ issuer }: ReferenceLoad): Partial<ReferenceApi> {
  return { issuer: issuer.url }
}

function rowOf({ id, title, about, features }: Group): Row {
  return {
    id,
    title,
    method: METHOD + about,
    shown: [CPU],
    async run(bench) {
      const load = await ReferenceLoad.open(bench)
      try {
        const subjects = await startAll(bench, load, features)
        const measured = await alternate(bench.plan, subjects)
        await bench.stopGateways()
        const claims = features.flatMap((feature) => costClaims(measured, feature))
        return { figures: requestFigures(measured), claims }
      } finally {
        load.close()
      }
    },
  }
}

async function startAll(
  bench: Bench,
  load: ReferenceLoad,
  features: readonly Feature[],
): Promise<readonly Subject[]> {
  const subjects: Subject[] = []
  for (const feature of [{ name: WITHOUT }, ...features]) {
    const keys = signedKeys(feature.signers ?? 0)
    const [gateway] = bench.wanted([gatewayWith(feature, keys, { bench, load })])
    if (gateway === undefined) continue
    if (keys.length > 0) {
      subjects.push(await load.signedSubject(gateway, keys))
      continue
    }
    const tokens = feature.clients === undefined ? [] : [load.writeTokens(feature.clients)]
    subjects.push(await load.subject(gateway, ...tokens))
  }
  return subjects
}

function gatewayWith(
  { name, api, options }: Feature,
  keys: readonly SignedKey[],
  { bench, load }: { readonly bench: Bench; readonly load: ReferenceLoad },
): Gateway {
  return postern({
    name: subjectOf(name),
    definition: ({ originPort }) => referenceDefinition({ originPort, ...api?.(load) }),
    ...options?.(bench),
    ...(keys.length === 0 ? {} : { seed: (data: string) => seedKeys(data, keys) }),
  })
}

function subjectOf(feature: string): string {
  return `postern, ${feature}`
}

/** In microseconds and as a ratio; none where `--peers` left Postern out. */
function costClaims(
  measured: readonly Measured[],
  { name, over = WITHOUT }: Feature,
): readonly Claim[] {
  const own = measured.find((each) => each.name === subjectOf(name))?.cpuMicrosPerRequest
  const base = measured.find((each) => each.name === subjectOf(over))?.cpuMicrosPerRequest
  if (own === undefined || base === undefined) return []
  const sentence = over === WITHOUT ? name : `${name}, to ${over}`
  return [
    {
      sentence: `CPU per request added: ${sentence}`,
      value: pairedDifference(own, base),
      unit: 'µs',
    },
    {
      sentence: `CPU per request, with it ÷ without: ${sentence}`,
      value: pairedRatio(own, base),
      unit: '×',
    },
  ]
}
