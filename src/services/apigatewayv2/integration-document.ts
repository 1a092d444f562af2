/**
 * One integration of a definition to the integration that workers call, or to the reasons why they cannot.
 *
 * The same checks as for a definition file (`definitions/open-api`), because here nothing may depend on how an
 * integration came into the store: address, path variables, mappings and timeout are looked at again with the stage's
 * own variables and this server's limits.
 */

import { findUriProblem, uriVariablesOf } from '../../definitions/open-api/integration-uri.ts'
import { variablesOf } from '../../definitions/open-api/route-path.ts'
import type { Integration, IntegrationTls } from '../../domain/http-api.ts'
import type { DefinedIntegration, DefinedTlsConfig } from '../../domain/http-api-definition.ts'
import type { Limits } from '../../domain/limits.ts'
import {
  compileRequestMapping,
  compileResponseMapping,
  isResponseStatusKey,
  MappingError,
} from '../../expression/mapping/mapping.ts'
import { ENFORCEMENT, refusalsOf } from './enforcement.ts'

type Variables = Readonly<Record<string, string>>

export interface IntegrationUse {
  /** The route that leads here: its path variables are those that the URI may use. */
  readonly routeKey: string
  readonly stageVariables: Variables
  readonly limits: Limits
  /** `file:line` */
  readonly source?: string
}

export type IntegrationDocument =
  | { readonly kind: 'document'; readonly integration: Integration }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }

const METHODS = ['ANY', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

export function integrationDocument(
  written: DefinedIntegration,
  use: IntegrationUse,
): IntegrationDocument {
  const unsupported = [
    ...refusalsOf(written, ENFORCEMENT.Integration),
    ...refusalsOf(written.TlsConfig ?? {}, ENFORCEMENT.TlsConfig),
  ]
  // The rest of another type would only repeat that it is not supported.
  const reasons = unsupported.length > 0 ? unsupported : faultsOf(written, use)
  if (reasons.length > 0) return { kind: 'refused', reasons }
  const integration: Integration = {
    integrationId: written.IntegrationId!,
    integrationType: 'HTTP_PROXY',
    integrationMethod: written.IntegrationMethod ?? 'ANY',
    integrationUri: written.IntegrationUri!,
    timeoutInMillis: timeoutOf(written, use.limits),
    requestParameters: written.RequestParameters ?? {},
    responseParameters: written.ResponseParameters ?? {},
    ...(written.TlsConfig === undefined ? {} : { tlsConfig: tlsDocument(written.TlsConfig) }),
    ...(use.source === undefined ? {} : { source: use.source }),
  }
  return { kind: 'document', integration }
}

function faultsOf(written: DefinedIntegration, use: IntegrationUse): string[] {
  const { RequestParameters = {}, ResponseParameters = {}, IntegrationMethod = 'ANY' } = written
  const { stageVariables } = use
  return [
    METHODS.includes(IntegrationMethod)
      ? undefined
      : `${IntegrationMethod} is no method of an integration`,
    findAddressFault(written.IntegrationUri, use),
    findTimeoutFault(written, use.limits),
    findMappingFault(() => compileRequestMapping(RequestParameters, stageVariables)),
    ...Object.entries(ResponseParameters).map(([status, rules]) =>
      isResponseStatusKey(status)
        ? findMappingFault(() => compileResponseMapping(rules, stageVariables))
        : `${status} is not a status from 200 to 599 (ResponseParameters)`,
    ),
  ].filter((fault) => fault !== undefined)
}

function findAddressFault(uri: string | undefined, use: IntegrationUse): string | undefined {
  if (uri === undefined) return 'the integration has no IntegrationUri'
  const problem = findUriProblem(uri, use.stageVariables)
  if (problem?.code === 'stage-variable-missing') return `${problem.message} Add it to the stage`
  if (problem !== undefined) return `${problem.message} ${problem.mend}`
  const known = variablesOf(use.routeKey)
  const absent = uriVariablesOf(uri).find((name) => !known.includes(name))
  return absent === undefined
    ? undefined
    : `the integration URI uses {${absent}}, which the path of the route does not have`
}

function findTimeoutFault(written: DefinedIntegration, limits: Limits): string | undefined {
  const timeout = timeoutOf(written, limits)
  const [least, most] = [limits.integrationTimeoutMinMs, limits.integrationTimeoutMaxMs]
  if (timeout >= least && timeout <= most) return undefined
  return `TimeoutInMillis is ${timeout}; this server allows ${least} to ${most}`
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

function tlsDocument(written: DefinedTlsConfig): IntegrationTls {
  const { ServerNameToVerify: name, InsecureSkipVerification: skip } = written
  return {
    ...(name === undefined ? {} : { serverNameToVerify: name }),
    ...(skip === undefined ? {} : { insecureSkipVerification: skip }),
  }
}
