/**
 * The types of integrations that HTTP APIs have, with the defaults that CreateIntegration gives: an HTTP proxy, over the
 * internet or a VPC link; a Lambda function; an action of an AWS service.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations.html
 */

import type { DefinedIntegration } from '../../domain/http-api-definition.ts'
import { type LocatedObject, memberOf, membersOf } from '../document/located-value.ts'
import type { Finding } from '../document/problem-list.ts'
import type { ImportRun } from './import-run.ts'
import { type Rules, readMapping } from './integration-mapping.ts'
import { type ConnectionType, readPayloadFormat } from './integration-members.ts'
import { readMethod, readTimeout, readTls, readUri } from './integration-parts.ts'
import { findUriProblem } from './integration-uri.ts'
import { findLinkedUriProblem } from './private-integration.ts'
import { findFunctionUriProblem, findSubtypeProblem } from './resource-uri.ts'

interface HttpProxyPlace {
  readonly connectionType: ConnectionType
  /** Undefined: the stage is not known. */
  readonly stageVariables: Rules | undefined
}

export function readHttpProxy(
  run: ImportRun,
  node: LocatedObject,
  { connectionType, stageVariables }: HttpProxyPlace,
): DefinedIntegration | undefined {
  const isPrivate = connectionType === 'VPC_LINK'
  const uri = readUri(run, node, (written) =>
    isPrivate
      ? findLinkedUriProblem(written, stageVariables)
      : findUriProblem(written, stageVariables),
  )
  const method = readMethod(run, node)
  const tls = readTls(run, node, uri ?? 'https:')
  const connection = readConnection(run, node, isPrivate)
  const common = readCommon(run, node, stageVariables ?? {})
  const payloadFormat = readPayloadFormat(run, node, 'HTTP_PROXY')
  if (uri === undefined || method === undefined) return undefined
  return {
    ...connection,
    ConnectionType: connectionType,
    ...common,
    IntegrationMethod: method,
    IntegrationType: 'HTTP_PROXY',
    IntegrationUri: uri,
    PayloadFormatVersion: payloadFormat,
    ...(tls === undefined ? {} : { TlsConfig: tls }),
  }
}

export function readAwsProxy(run: ImportRun, node: LocatedObject): DefinedIntegration | undefined {
  const subtype = readSubtype(run, node)
  const type = {
    ConnectionType: 'INTERNET',
    IntegrationType: 'AWS_PROXY',
    PayloadFormatVersion: readPayloadFormat(run, node, 'AWS_PROXY'),
  } as const
  if (subtype !== undefined) {
    const parameters = readActionParameters(run, node)
    return { ...readCommon(run, node, {}), ...type, ...parameters, IntegrationSubtype: subtype }
  }
  const uri = readUri(run, node, findFunctionUriProblem)
  const method = memberOf(node, 'httpMethod') === undefined ? 'POST' : readMethod(run, node)
  const common = readCommon(run, node, {})
  if (uri === undefined || method === undefined) return undefined
  return { ...common, ...type, IntegrationMethod: method, IntegrationUri: uri }
}

/** Members that every type has. */
function readCommon(
  run: ImportRun,
  node: LocatedObject,
  stageVariables: Rules,
): DefinedIntegration {
  const description = run.read.string(memberOf(node, 'description'))
  const credentials = run.read.filled(memberOf(node, 'credentials'))
  const isAction = memberOf(node, 'integrationSubtype') !== undefined
  const { requestParameters, responseParameters } = readMapping(run, node, {
    stageVariables,
    isAction,
  })
  return {
    ...(isGiven(credentials) ? { CredentialsArn: credentials } : {}),
    ...(isGiven(description) ? { Description: description } : {}),
    ...(hasMembers(requestParameters) ? { RequestParameters: requestParameters } : {}),
    ...(hasMembers(responseParameters) ? { ResponseParameters: responseParameters } : {}),
    TimeoutInMillis: readTimeout(run, node),
  }
}

function readConnection(
  run: ImportRun,
  node: LocatedObject,
  isPrivate: boolean,
): Pick<DefinedIntegration, 'ConnectionId'> {
  const id = run.read.filled(memberOf(node, 'connectionId'))
  if (isPrivate && !isGiven(id)) run.problems.error(node.pointer, CONNECTION_MISSING)
  return isGiven(id) ? { ConnectionId: id } : {}
}

function readSubtype(run: ImportRun, node: LocatedObject): string | undefined {
  const written = memberOf(node, 'integrationSubtype')
  const subtype = run.read.string(written)
  if (!isGiven(subtype)) return undefined
  const problem = findSubtypeProblem(subtype)
  if (problem !== undefined) run.problems.error(written!.pointer, problem)
  return subtype
}

/** The parameters of an action of an AWS service are named by the action. */
function readActionParameters(
  run: ImportRun,
  node: LocatedObject,
): Pick<DefinedIntegration, 'RequestParameters'> {
  const written = run.read.object(memberOf(node, 'requestParameters'))
  const entries = written === undefined ? [] : membersOf(written)
  const parameters = entries.flatMap(([name, value]) => {
    const text = run.read.filled(value)
    return text === undefined ? [] : [[name, text] as const]
  })
  return parameters.length === 0 ? {} : { RequestParameters: Object.fromEntries(parameters) }
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}

function hasMembers(object: object): boolean {
  return Object.keys(object).length > 0
}

const CONNECTION_MISSING: Finding = {
  code: 'connection-missing',
  message: 'The integration goes over a VPC link but does not say over which one.',
  mend: 'Write connectionId: the id of the VPC link.',
}
