/** On what grounds a request at a custom domain name was refused: where the domain leads. */

import type { CustomDomain } from '../../domain/custom-domain.ts'
import type { Exchange } from '../../http/exchange.ts'
import { canonicalPath } from '../../http/message/canonical-path.ts'
import { type Evidence, shortList, shortText } from '../../observability/explain/evidence.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

export function mappingEvidence({ request }: Exchange, snapshot: Snapshot): Evidence {
  const domain = snapshot.domains?.at(request.host)?.document
  return {
    rule: domain === undefined ? '' : placesOf(domain),
    seen: `path ${shortText(request.path, 100)}`,
    passes: domain === undefined ? '' : passing(domain),
  }
}

export function mappedStageEvidence({ request }: Exchange, snapshot: Snapshot): Evidence {
  const domain = snapshot.domains?.at(request.host)
  const target = domain?.find(canonicalPath(request.path), request.fields)
  const by = target?.ruleId === '' ? `API mapping ${quoted(target.basePath)}` : target?.ruleId
  return {
    rule: `${by} of ${domain?.document.domainName}`,
    seen: `stage ${target?.stageName} of API ${target?.apiId}, which has no deployment that is served`,
    passes: 'a deployment of the stage, or a mapping to another one',
  }
}

export function tlsRequiredEvidence({ request }: Exchange, snapshot: Snapshot): Evidence {
  const domain = snapshot.domains?.at(request.host)
  const wants = domain?.mutualTls ? 'mutual TLS' : 'the access mode STRICT'
  return {
    rule: `${wants} of ${domain?.document.domainName}`,
    seen: 'a connection without TLS',
    passes: 'the same request on the HTTPS port',
  }
}

function placesOf({ domainName, routingMode, rules, mappings }: CustomDomain): string {
  const places = [
    ...(routingMode === 'API_MAPPING_ONLY' ? [] : [`${rules.length} routing rules`]),
    ...(routingMode === 'ROUTING_RULE_ONLY' ? [] : [`${mappings.length} API mappings`]),
  ]
  return `the ${places.join(' and ')} of ${domainName} (${routingMode})`
}

/** Base paths, which are the commonest thing to get wrong. */
function passing({ routingMode, rules, mappings }: CustomDomain): string {
  const ofRules =
    routingMode === 'API_MAPPING_ONLY'
      ? []
      : rules.map(({ priority, basePaths, headers }) => {
          const names = headers.flat().map(({ name, glob }) => `${name}: ${glob}`)
          const conditions = [...basePaths.map((path) => `/${path}`), ...names]
          return `rule ${priority} (${conditions.join(', ') || 'anything'})`
        })
  const ofMappings = routingMode === 'ROUTING_RULE_ONLY' ? [] : mappings.map(({ key }) => `/${key}`)
  const all = [...ofRules, ...ofMappings]
  return all.length === 0 ? 'nothing: the domain leads nowhere yet' : shortList(all, 6)
}

function quoted(key: string): string {
  return key === '' ? '(none)' : `/${key}`
}
