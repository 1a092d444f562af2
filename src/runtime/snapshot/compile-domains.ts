/**
 * From the document of custom domain names to the table that requests are looked up in. Stages are bound here, so a new
 * snapshot has a new table.
 */

import type {
  CustomDomain,
  DomainDocument,
  DomainMapping,
  DomainRule,
} from '../../domain/custom-domain.ts'
import { type TlsDocument, trustKey } from '../../domain/tls.ts'
import { BasePaths } from '../routing/base-paths.ts'
import { HeaderCondition } from '../routing/header-globs.ts'
import { type CompiledRule, DomainRuntime, DomainTable, type DomainTarget } from './domain-table.ts'

const NOBODY_TRUSTED = 'nobody'

/** The stage of that name, where it is served. */
export type FindStage<Stage> = (apiId: string, stageName: string) => Stage | undefined

/** Undefined: there is no domain name. Adds to `problems` what cannot be served. */
export function compileDomains<Stage>(
  document: DomainDocument | undefined,
  find: FindStage<Stage>,
  { tls, problems }: { readonly tls: TlsDocument | undefined; readonly problems: string[] },
): DomainTable<Stage> | undefined {
  if (document === undefined || document.domains.length === 0) return undefined
  const exact = new Map<string, DomainRuntime<Stage>>()
  const wildcards = new Map<string, DomainRuntime<Stage>>()
  for (const domain of document.domains) {
    const { domainName } = domain
    const isWildcard = domainName.startsWith('*.')
    const key = isWildcard ? domainName.slice(2) : domainName
    const table = isWildcard ? wildcards : exact
    if (table.has(key)) problems.push(`domain name ${domainName} is there twice`)
    const trustKey = domain.mutualTls ? trustKeyAt(tls, domainName) : ''
    table.set(key, compileDomain(domain, find, trustKey))
  }
  return new DomainTable(exact, wildcards)
}

/** What clients prove in a handshake for the name; what no client can, while it has no truststore that is served. */
function trustKeyAt(tls: TlsDocument | undefined, domainName: string): string {
  const host = tls?.hosts.find(({ serverNames }) => serverNames.includes(domainName))
  return host?.clientTrust === undefined ? NOBODY_TRUSTED : trustKey(host.clientTrust)
}

function compileDomain<Stage>(
  domain: CustomDomain,
  find: FindStage<Stage>,
  trustKey: string,
): DomainRuntime<Stage> {
  const { routingMode, rules, mappings, domainName } = domain
  const ofRules = routingMode === 'API_MAPPING_ONLY' ? [] : rules
  const ofMappings = routingMode === 'ROUTING_RULE_ONLY' ? [] : mappings
  const targets = ofMappings.map((mapping) => {
    const basePath = basePathOf(mapping.key)
    return [basePath, mappingTarget(domainName, mapping, find)] as const
  })
  return new DomainRuntime(
    domain,
    [...ofRules]
      .sort((one, other) => one.priority - other.priority)
      .map((rule) => compileRule(domainName, rule, find)),
    { targets: new BasePaths(new Map(targets)), trustKey },
  )
}

function mappingTarget<Stage>(
  domainName: string,
  { key, apiId, stageName }: DomainMapping,
  find: FindStage<Stage>,
): DomainTarget<Stage> {
  return {
    ...{ domainName, basePath: key, ruleId: '', apiId, stageName },
    stage: find(apiId, stageName),
    strippedSegments: segmentsOf(key),
  }
}

function compileRule<Stage>(
  domainName: string,
  rule: DomainRule,
  find: FindStage<Stage>,
): CompiledRule<Stage> {
  const { basePaths, ruleId, apiId, stageName, stripBasePath } = rule
  const stage = find(apiId, stageName)
  const longestFirst = [...(basePaths.length === 0 ? [''] : basePaths)].sort(
    (one, other) => segmentsOf(other) - segmentsOf(one),
  )
  return {
    byBasePath: longestFirst.map((basePath) => ({
      basePath: basePathOf(basePath),
      target: {
        ...{ domainName, basePath, ruleId, apiId, stageName, stage },
        strippedSegments: stripBasePath ? segmentsOf(basePath) : 0,
      },
    })),
    headers: rule.headers.map((globs) =>
      globs.map(({ name, glob }) => new HeaderCondition(name, glob)),
    ),
  }
}

function basePathOf(key: string): string {
  return key === '' ? '' : `/${key}`
}

function segmentsOf(key: string): number {
  return key === '' ? 0 : key.split('/').length
}
