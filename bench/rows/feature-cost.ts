/** The COST rows: what one feature adds to a request, by instances of Postern with it and without. */
import { alternate, type Measured, type Subject } from '../alternate.ts'
import type { Bench } from '../bench.ts'
import { cpuClaim } from '../claims.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type PosternOptions, postern } from '../gateway/postern.ts'
import { type ReferenceApi, referenceDefinition } from '../gateway/reference-definition.ts'
import { ReferenceLoad } from '../reference/reference-load.ts'
import { CPU, requestFigures } from '../request-figures.ts'
import type { Claim, Row } from '../row.ts'
import { pairedDifference } from '../statistics.ts'

/** So many tokens, and a memory for so few, that none is known when it comes again. */
const FRESH_TOKENS = 1_000
const KNOWN_TOKENS_MAX = 100

/** One feature, switched on alone. */
interface Feature {
  readonly name: string
  readonly api?: (load: ReferenceLoad) => Partial<ReferenceApi>
  readonly options?: PosternOptions
  /** Clients with a token each, if not as many as P1 has. */
  readonly clients?: number
}

interface Group {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly features: readonly Feature[]
}

const WITHOUT = 'postern, nothing on'
const METHOD =
  'The requests of P1 at instances of Postern that each have one thing on, and at one that has nothing on but its ' +
  'figures; they take turns. The cost is the difference of processor time per request within each run. '

const ACCESS: Group = {
  id: 'COSTACCESS',
  title: 'What it costs to know the caller',
  about:
    'A known token was verified before; a new one never, which is a thousand tokens at an instance that remembers a hundred.',
  features: [
    { name: 'postern, known tokens', api: guarded },
    {
      name: 'postern, new tokens',
      api: guarded,
      options: { flags: ['--limit', `goodTokens=${KNOWN_TOKENS_MAX}`] },
      clients: FRESH_TOKENS,
    },
  ],
}

const CHANGE: Group = {
  id: 'COSTCHANGE',
  title: 'What it costs to change, limit and log a request',
  about: 'Nobody is refused: the limit is far away. Log lines go to a file.',
  features: [
    { name: 'postern, two headers added', api: () => ({ addsHeaders: true }) },
    {
      name: 'postern, account throttle',
      options: { flags: ['--limit', 'accountRatePerSecond=1000000'] },
    },
    { name: 'postern, access log', options: { accessLog: 'json' } },
  ],
}

export const featureCosts: readonly Row[] = [ACCESS, CHANGE].map(rowOf)

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
        const claims = features.flatMap(({ name }) => costClaims(measured, name))
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
    const [gateway] = bench.wanted([gatewayWith(feature, load)])
    if (gateway === undefined) continue
    const tokens = feature.clients === undefined ? [] : [load.writeTokens(feature.clients)]
    subjects.push(await load.subject(gateway, ...tokens))
  }
  return subjects
}

function gatewayWith({ name, api, options }: Feature, load: ReferenceLoad): Gateway {
  return postern({
    name,
    definition: ({ originPort }) => referenceDefinition({ originPort, ...api?.(load) }),
    ...options,
  })
}

/** In microseconds and as a ratio; none where `--peers` left Postern out. */
function costClaims(measured: readonly Measured[], name: string): readonly Claim[] {
  const own = measured.find((each) => each.name === name)?.cpuMicrosPerRequest
  const base = measured.find((each) => each.name === WITHOUT)?.cpuMicrosPerRequest
  if (own === undefined || base === undefined) return []
  const added = { value: pairedDifference(own, base), unit: 'µs' } as const
  return [
    { sentence: `CPU per request added, ${name}`, ...added },
    ...cpuClaim(measured, { name, base: WITHOUT }),
  ]
}
