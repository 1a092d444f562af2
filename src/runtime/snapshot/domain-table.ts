// hot path — see STYLE §8
/**
 * Custom domain names, compiled: from a host name and a path to the stage that answers there.
 *
 * An exact name wins over a wildcard, which stands for one label. Base paths are compared with the canonical path, as
 * routes are: decoded, segments without their parameters; so a path has one reading for both.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html
 */

import type { CustomDomain } from '../../domain/custom-domain.ts'
import { matchingKey } from '../../http/message/canonical-path.ts'
import type { HeaderFields } from '../../http/message/header-fields.ts'
import type { DomainMatch } from '../../invocation/domain-match.ts'
import { type BasePaths, beginsWith, endOfSegments } from '../routing/base-paths.ts'
import type { HeaderCondition } from '../routing/header-globs.ts'

export interface DomainTarget<Stage> extends DomainMatch {
  readonly apiId: string
  readonly stageName: string
  /** Undefined: it is not served. */
  readonly stage: Stage | undefined
  /** Leading segments of the path that the API does not see. */
  readonly strippedSegments: number
}

/** A routing rule: of each list one condition has to hold; an empty list of base paths holds always. */
export interface CompiledRule<Stage> {
  /** `/orders/v1`, each with what it leads to. */
  readonly byBasePath: readonly {
    readonly basePath: string
    readonly target: DomainTarget<Stage>
  }[]
  readonly headers: readonly (readonly HeaderCondition[])[]
}

export class DomainRuntime<Stage> {
  readonly document: CustomDomain
  /** The name of the handshake has to be the very name of the request. */
  readonly isStrict: boolean
  /** What clients have proved in the handshake (`ClientTls.trustKey`); '': nothing is asked. */
  readonly trustKey: string
  readonly #rules: readonly CompiledRule<Stage>[]
  readonly #mappings: BasePaths<DomainTarget<Stage>>

  constructor(
    document: CustomDomain,
    rules: readonly CompiledRule<Stage>[],
    {
      targets,
      trustKey,
    }: { readonly targets: BasePaths<DomainTarget<Stage>>; readonly trustKey: string },
  ) {
    this.document = document
    this.isStrict = document.endpointAccessMode === 'STRICT'
    this.trustKey = trustKey
    this.#rules = rules
    this.#mappings = targets
  }

  get mutualTls(): boolean {
    return this.trustKey !== ''
  }

  /** Undefined: no rule and no mapping takes the request. `path` is canonical. */
  find(path: string, fields: HeaderFields): DomainTarget<Stage> | undefined {
    const plain = !path.includes('%') && !path.includes(';')
    const key = plain ? path : matchingKey(path)
    for (let i = 0; i < this.#rules.length; i++) {
      const rule = this.#rules[i]!
      const target = targetOf(rule, key)
      if (target !== undefined && allHold(rule.headers, fields)) return target
    }
    return this.#mappings.find(key)
  }
}

export class DomainTable<Stage> {
  readonly #exact: ReadonlyMap<string, DomainRuntime<Stage>>
  /** By what stands behind `*.`. */
  readonly #wildcards: ReadonlyMap<string, DomainRuntime<Stage>>

  constructor(
    exact: ReadonlyMap<string, DomainRuntime<Stage>>,
    wildcards: ReadonlyMap<string, DomainRuntime<Stage>>,
  ) {
    this.#exact = exact
    this.#wildcards = wildcards
  }

  /** `host` is in lower case, without port or trailing dot. */
  at(host: string): DomainRuntime<Stage> | undefined {
    const domain = this.#exact.get(host)
    if (domain !== undefined || this.#wildcards.size === 0) return domain
    const dot = host.indexOf('.')
    return dot <= 0 ? undefined : this.#wildcards.get(host.slice(dot + 1))
  }

  /** All names, as they were set up. */
  get names(): readonly string[] {
    const runtimes = [...this.#exact.values(), ...this.#wildcards.values()]
    return runtimes.map(({ document }) => document.domainName)
  }
}

/** The path that the API sees. */
export function pathBehind({ strippedSegments }: DomainTarget<unknown>, path: string): string {
  if (strippedSegments === 0) return path
  const end = endOfSegments(path, strippedSegments)
  return end === path.length ? '/' : path.slice(end)
}

/** The longest base path of the rule that the path begins with comes first in it. */
function targetOf<Stage>(
  { byBasePath }: CompiledRule<Stage>,
  key: string,
): DomainTarget<Stage> | undefined {
  for (let i = 0; i < byBasePath.length; i++) {
    const { basePath, target } = byBasePath[i]!
    if (basePath === '' || beginsWith(key, basePath)) return target
  }
  return undefined
}

function allHold(
  conditions: readonly (readonly HeaderCondition[])[],
  fields: HeaderFields,
): boolean {
  for (let i = 0; i < conditions.length; i++) if (!oneHolds(conditions[i]!, fields)) return false
  return true
}

function oneHolds(conditions: readonly HeaderCondition[], fields: HeaderFields): boolean {
  for (let i = 0; i < conditions.length; i++) if (conditions[i]!.holds(fields)) return true
  return false
}
