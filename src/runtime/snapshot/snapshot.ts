// hot path — see STYLE §8
/**
 * Everything that one worker serves, compiled: immutable, replaced as a whole by swapping one pointer.
 *
 * Custom domain names come first (`domains`). Else it finds API and stage of a request: by host name (`{apiId}.execute-api.…`), by path (`/_aws/execute-api/{apiId}/{stage}`,
 * `/restapis/{apiId}/{stage}/_user_request_`), or, while there is one API only and no
 * custom domain name, at any address.
 */

import type { TokenVerifier } from '../../features/authorize/jwt/token-verifier.ts'
import type { Origin } from '../../http/client/origin.ts'
import type { Plan } from '../../invocation/plan.ts'
import type { StageContext } from '../../invocation/stage-context.ts'
import type { ReasonCode } from '../../observability/explain/reasons.ts'
import type { Router } from '../routing/router.ts'
import type { DomainTable } from './domain-table.ts'

export interface StageRuntime {
  readonly context: StageContext
  readonly revision: number
  /** What its deployment says; only custom domains lead to it then. */
  readonly disableExecuteApiEndpoint: boolean
  readonly router: Router
  /** By route index. */
  readonly plans: readonly Plan[]
  /** For requests that no route takes: CORS, then 404. */
  readonly unmatched: Plan
  /** Where its integrations lead. */
  readonly origins: ReadonlySet<Origin>
  /** Who looks at the tokens of its routes. */
  readonly verifiers: ReadonlySet<TokenVerifier>
}

export interface ApiRuntime {
  readonly apiId: string
  readonly stages: ReadonlyMap<string, StageRuntime>
  readonly defaultStage: StageRuntime | undefined
}

/** Stage and remaining path, or why there is none. */
export type Resolution =
  | { readonly stage: StageRuntime; readonly path: string }
  | { readonly refused: ReasonCode }

const EXECUTE_API = '.execute-api.'
const BY_PATH = [
  { prefix: '/_aws/execute-api/', behindStage: '' },
  { prefix: '/restapis/', behindStage: '/_user_request_' },
] as const

export class Snapshot {
  readonly revision: number
  readonly apis: ReadonlyMap<string, ApiRuntime>
  /** Undefined: there is no custom domain name. */
  readonly domains: DomainTable<StageRuntime> | undefined
  /** The API that answers at any address: the only one, until names are given out. */
  readonly #single: ApiRuntime | undefined

  constructor(
    revision: number,
    apis: ReadonlyMap<string, ApiRuntime>,
    domains?: DomainTable<StageRuntime>,
  ) {
    this.revision = revision
    this.apis = apis
    this.domains = domains
    const isAlone = apis.size === 1 && domains === undefined
    this.#single = isAlone ? apis.values().next().value : undefined
  }

  /** Some stage leads to that origin. */
  uses(origin: Origin): boolean {
    for (const { stages } of this.apis.values()) {
      for (const stage of stages.values()) if (stage.origins.has(origin)) return true
    }
    return false
  }

  /** Some stage has its tokens verified by that one. */
  verifiesBy(verifier: TokenVerifier): boolean {
    for (const { stages } of this.apis.values()) {
      for (const stage of stages.values()) if (stage.verifiers.has(verifier)) return true
    }
    return false
  }

  /** `host` and `path` are canonical, and no custom domain name has this host. */
  resolve(host: string, path: string): Resolution {
    const named = this.apiAt(host)
    if (named !== undefined) return enabled(selectStage(named, path))
    if (isExecuteApiHost(host)) return { refused: 'API_NOT_FOUND' }
    for (const { prefix, behindStage } of BY_PATH) {
      if (!path.startsWith(prefix)) continue
      const found = this.#byPath(path, prefix, behindStage)
      if (found !== undefined) return found
    }
    return this.#single === undefined
      ? { refused: 'API_NOT_FOUND' }
      : enabled(selectStage(this.#single, path))
  }

  /** The API that a host name stands for; undefined for addresses that name none. */
  apiAt(host: string): ApiRuntime | undefined {
    const at = host.indexOf(EXECUTE_API)
    return at === -1 ? undefined : this.apis.get(host.slice(0, at))
  }

  /** Undefined: the path names no API, so it may be a route's own. */
  #byPath(path: string, prefix: string, behindStage: string): Resolution | undefined {
    const [apiId = '', stageName = ''] = path.slice(prefix.length).split('/', 2)
    const api = this.apis.get(apiId)
    if (api === undefined) return undefined
    const stage = api.stages.get(stageName === '%24default' ? '$default' : stageName)
    if (stage === undefined) return { refused: 'STAGE_NOT_FOUND' }
    if (stage.disableExecuteApiEndpoint) return { refused: 'ENDPOINT_DISABLED' }
    const rest = path.slice(prefix.length + apiId.length + 1 + stageName.length)
    if (!rest.startsWith(behindStage)) return { refused: 'API_NOT_FOUND' }
    const inside = rest.slice(behindStage.length)
    if (inside !== '' && !inside.startsWith('/')) return { refused: 'API_NOT_FOUND' }
    return { stage, path: inside === '' ? '/' : inside }
  }
}

/** None of the addresses here is a custom domain. */
function enabled(found: Resolution): Resolution {
  if ('stage' in found && found.stage.disableExecuteApiEndpoint) {
    return { refused: 'ENDPOINT_DISABLED' }
  }
  return found
}

function isExecuteApiHost(host: string): boolean {
  return host.includes(EXECUTE_API)
}

/** A first segment that names a stage selects it and is taken off; else `$default` takes the whole path. */
function selectStage(api: ApiRuntime, path: string): Resolution {
  // `$default` alone is by far the commonest case.
  if (api.stages.size > 1 || api.defaultStage === undefined) {
    const end = path.indexOf('/', 1)
    const stage = api.stages.get(end === -1 ? path.slice(1) : path.slice(1, end))
    if (stage !== undefined && stage !== api.defaultStage) {
      return { stage, path: end === -1 ? '/' : path.slice(end) }
    }
  }
  return api.defaultStage === undefined
    ? { refused: 'STAGE_NOT_FOUND' }
    : { stage: api.defaultStage, path }
}
