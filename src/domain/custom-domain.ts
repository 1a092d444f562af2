/**
 * Custom domain names as they cross from the control plane to the data plane: which host name and path lead to which
 * stage. Plain data.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-custom-domain-names.html
 */

export interface DomainDocument {
  /** Grows with every change. */
  readonly revision: number
  readonly domains: readonly CustomDomain[]
}

export interface CustomDomain {
  /** A host name in lower case, or `*.` and one. */
  readonly domainName: string
  readonly accountId: string
  readonly region: string
  /** STRICT: the name of the handshake has to be the name of the request. */
  readonly endpointAccessMode: 'BASIC' | 'STRICT'
  readonly routingMode: RoutingMode
  readonly mappings: readonly DomainMapping[]
  /** By priority, the smallest first. */
  readonly rules: readonly DomainRule[]
  /** Clients show a certificate; the own addresses of its APIs lead around that. */
  readonly mutualTls: boolean
}

export type RoutingMode = 'API_MAPPING_ONLY' | 'ROUTING_RULE_ONLY' | 'ROUTING_RULE_THEN_API_MAPPING'

export interface DomainMapping {
  /** Path segments without slashes around them: `orders/v1`; '' for every path. */
  readonly key: string
  readonly apiId: string
  readonly stageName: string
}

export interface HeaderGlob {
  /** Lower case. */
  readonly name: string
  /** `*` at its ends stands for anything. */
  readonly glob: string
}

/** All conditions of a rule have to hold; one with none always does. */
export interface DomainRule {
  readonly ruleId: string
  readonly priority: number
  /** One of them begins the path; none: any path. */
  readonly basePaths: readonly string[]
  /** Of each list one. */
  readonly headers: readonly (readonly HeaderGlob[])[]
  readonly apiId: string
  readonly stageName: string
  /** The base path does not reach the API. */
  readonly stripBasePath: boolean
}
