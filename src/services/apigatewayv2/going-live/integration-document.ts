/**
 * One integration of a definition to the integration that workers call, or to the reasons why they cannot.
 *
 * The same checks as for a definition file (`definitions/open-api`), because here nothing may depend on how an
 * integration came into the store: address, path variables, mappings and timeout are looked at again with the stage's
 * own variables and this server's limits.
 */

import { integrationTlsOf } from '../../../definitions/open-api/http-api-stage.ts'
import {
  INTEGRATION_METHODS,
  isServerName,
} from '../../../definitions/open-api/integration-parts.ts'
import { findUriProblem, uriVariablesOf } from '../../../definitions/open-api/integration-uri.ts'
import {
  addressMembers,
  findLinkedUriProblem,
} from '../../../definitions/open-api/private-integration.ts'
import { variablesOf } from '../../../definitions/open-api/route-path.ts'
import type { Integration } from '../../../domain/http-api.ts'
import type { DefinedIntegration, DefinedTlsConfig } from '../../../domain/http-api-definition.ts'
import type { Limits } from '../../../domain/limits.ts'
import {
  compileRequestMapping,
  compileResponseMapping,
  isResponseStatusKey,
  MappingError,
} from '../../../expression/mapping/mapping.ts'
import { ENFORCEMENT, refusalsOf } from './enforcement.ts'

type Variables = Readonly<Record<string, string>>

export interface IntegrationPlace {
  readonly stageName: string
  readonly stageVariables: Variables
  readonly limits: Limits
  /** `file:line` */
  readonly source?: string | undefined
}

export type IntegrationDocument =
  | { readonly kind: 'document'; readonly integration: Integration }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }

export function integrationDocument(
  written: DefinedIntegration,
  place: IntegrationPlace,
): IntegrationDocument {
  const unsupported = [
    ...refusalsOf(written, ENFORCEMENT.Integration),
    ...refusalsOf(written.TlsConfig ?? {}, ENFORCEMENT.TlsConfig),
  ]
  // The rest of another type would only repeat that it is not supported.
  const reasons = unsupported.length > 0 ? unsupported : faultsOf(written, place)
  if (reasons.length > 0) return { kind: 'refused', reasons }
  const integration: Integration = {
    integrationId: written.IntegrationId!,
    integrationType: 'HTTP_PROXY',
    integrationMethod: written.IntegrationMethod ?? 'ANY',
    ...addressMembers(written, place.stageName),
    timeoutInMillis: timeoutOf(written, place.limits),
    requestParameters: written.RequestParameters ?? {},
    responseParameters: written.ResponseParameters ?? {},
    ...(written.TlsConfig === undefined ? {} : { tlsConfig: integrationTlsOf(written.TlsConfig) }),
    ...(place.source === undefined ? {} : { source: place.source }),
  }
  return { kind: 'document', integration }
}

/** Path variables of the address that a route which leads here does not have; undefined: none. */
export function findPathFault({ integrationUri }: Integration, routeKey: string) {
  const absent = uriVariablesOf(integrationUri).find(
    (name) => !variablesOf(routeKey).includes(name),
  )
  return absent && `the integration URI uses {${absent}}, which the path of the route does not have`
}

function faultsOf(written: DefinedIntegration, place: IntegrationPlace): string[] {
  const { RequestParameters = {}, ResponseParameters = {}, IntegrationMethod = 'ANY' } = written
  const { stageVariables } = place
  return [
    INTEGRATION_METHODS.includes(IntegrationMethod)
      ? undefined
      : `${IntegrationMethod} is no method of an integration`,
    findAddressFault(written, stageVariables),
    findTimeoutFault(written, place.limits),
    findNameFault(written.TlsConfig),
    findMappingFault(() => compileRequestMapping(RequestParameters, stageVariables)),
    ...Object.entries(ResponseParameters).map(([status, rules]) =>
      isResponseStatusKey(status)
        ? findMappingFault(() => compileResponseMapping(rules, stageVariables))
        : `${status} is not a status from 200 to 599 (ResponseParameters)`,
    ),
  ].filter((fault) => fault !== undefined)
}

function findAddressFault(written: DefinedIntegration, variables: Variables): string | undefined {
  const { IntegrationUri: uri, ConnectionType = 'INTERNET', ConnectionId } = written
  if (uri === undefined) return 'the integration has no IntegrationUri'
  // Either without the other would be reached by a way that nobody asked for.
  if ((ConnectionType === 'VPC_LINK') !== (ConnectionId !== undefined)) {
    return 'the connection type VPC_LINK and a ConnectionId belong together'
  }
  const isLinked = ConnectionId !== undefined
  const problem = isLinked ? findLinkedUriProblem(uri, variables) : findUriProblem(uri, variables)
  if (problem?.code === 'stage-variable-missing') return `${problem.message} Add it to the stage`
  return problem && `${problem.message} ${problem.mend}`
}

function findTimeoutFault(written: DefinedIntegration, limits: Limits): string | undefined {
  const timeout = timeoutOf(written, limits)
  const [least, most] = [limits.integrationTimeoutMinMs, limits.integrationTimeoutMaxMs]
  if (timeout >= least && timeout <= most) return undefined
  return `TimeoutInMillis is ${timeout}; this server allows ${least} to ${most}`
}

function findNameFault({ ServerNameToVerify: name }: DefinedTlsConfig = {}): string | undefined {
  if (name === undefined || isServerName(name)) return undefined
  return `${name} is no name that a certificate can have (ServerNameToVerify)`
}

function timeoutOf(written: DefinedIntegration, limits: Limits): number {
  return written.TimeoutInMillis ?? limits.integrationTimeoutDefaultMs
}

function findMappingFault(compile: () => unknown): string | undefined {
  try {
    compile()
    return undefined
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    const end = /[.!?]$/.test(error.message) ? '' : '.'
    return `${error.key}: ${error.message}${end} ${error.mend}`
  }
}
