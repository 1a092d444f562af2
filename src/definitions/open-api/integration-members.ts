/**
 * Every member of `x-amazon-apigateway-integration`, and what becomes of it. Members that ask for something that no
 * integration of an HTTP API does are refused unless they are empty; those that Postern does not do yet are refused
 * where the definition is to be enforced, and stored where it is imported.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
 */

import { nearestName } from '../../expression/did-you-mean.ts'
import {
  isObject,
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { Finding } from '../document/problem-list.ts'
import type { ImportRun } from './import-run.ts'

/** Members with a reader of their own, and those without an effect on HTTP APIs. */
const READ = [
  'type',
  'connectionId',
  'credentials',
  'integrationSubtype',
  'uri',
  'httpMethod',
  'connectionType',
  'timeoutInMillis',
  'requestParameters',
  'responseParameters',
  'responses',
  'payloadFormatVersion',
  'tlsConfig',
  'passthroughBehavior',
  'description',
  'cacheNamespace',
  'responseTransferMode',
]

/** Member → why it is refused. */
const REFUSED: Readonly<Record<string, string>> = {
  cacheKeyParameters: 'Responses are not cached yet',
  contentHandling: 'HTTP APIs pass bodies on as they are',
  'integration-target': 'HTTP APIs name their target in uri',
  requestTemplates: 'HTTP APIs do not transform bodies',
}
/** Member → why it is not enforced. */
const NOT_ENFORCED: Readonly<Record<string, string>> = {
  credentials: 'Calls to AWS services are not signed yet',
  integrationSubtype: 'AWS services are not called yet',
}

export type IntegrationType = 'HTTP_PROXY' | 'AWS_PROXY'
export type ConnectionType = 'INTERNET' | 'VPC_LINK'

export function checkIntegrationMembers(run: ImportRun, integration: LocatedObject): void {
  const refused = run.enforce === 'everything' ? { ...REFUSED, ...NOT_ENFORCED } : REFUSED
  for (const [name, node] of membersOf(integration)) {
    if (!Object.hasOwn(refused, name)) {
      if (!READ.includes(name)) reportUnknown(run, name, node)
    } else if (!isEmpty(node.value)) {
      run.problems.error(node.pointer, {
        code: 'integration-member-unsupported',
        message: `${name}: ${refused[name]}.`,
        mend: 'Remove it, and let the origin do this.',
      })
    }
  }
  checkPassthrough(run, memberOf(integration, 'passthroughBehavior'))
}

/** Undefined, and told, for everything that HTTP APIs do not have, or that would have to be enforced. */
export function readType(run: ImportRun, integration: LocatedObject): IntegrationType | undefined {
  const node = memberOf(integration, 'type')
  const type = typeof node?.value === 'string' ? node.value.toLowerCase() : undefined
  if (type === 'http_proxy') return 'HTTP_PROXY'
  if (type === 'aws_proxy' && run.enforce === 'nothing') return 'AWS_PROXY'
  run.problems.error(node?.pointer ?? integration.pointer, typeFinding(type, node?.value))
  return undefined
}

/** The internet is every network that the server reaches. */
export function readConnectionType(
  run: ImportRun,
  integration: LocatedObject,
): ConnectionType | undefined {
  const node = memberOf(integration, 'connectionType')
  if (node === undefined || node.value === 'INTERNET') return 'INTERNET'
  if (node.value === 'VPC_LINK') return 'VPC_LINK'
  run.problems.error(node.pointer, {
    code: 'connection-type',
    message: `${preview(node.value)} is no connection type.`,
    mend: 'Write INTERNET, or VPC_LINK with a connectionId, or leave it out.',
  })
  return undefined
}

function typeFinding(type: string | undefined, written: unknown): Finding {
  const code = 'integration-type'
  const mend = 'Use type: http_proxy with the address of a service.'
  if (written === undefined) return { code, message: 'The integration has no type.', mend }
  if (type === 'aws_proxy') {
    return {
      code,
      message: 'Lambda functions and AWS services (aws_proxy) are not called yet.',
      mend,
    }
  }
  if (type === 'aws' || type === 'http' || type === 'mock') {
    return { code, message: `HTTP APIs have no integration of the type ${type}.`, mend }
  }
  return { code, message: `There is no integration type ${preview(written)}.`, mend }
}

export function readPayloadFormat(
  run: ImportRun,
  integration: LocatedObject,
  type: IntegrationType,
): string {
  const node = memberOf(integration, 'payloadFormatVersion')
  if (node === undefined || isVersion(node, 1)) return '1.0'
  if (isVersion(node, 2)) {
    if (type === 'AWS_PROXY') return '2.0'
    run.problems.warn(node.pointer, PAYLOAD_FORMAT_IGNORED)
    return '1.0'
  }
  const lambda = type === 'AWS_PROXY' ? ' or "2.0"' : ''
  run.problems.error(node.pointer, {
    code: 'payload-format',
    message: `${preview(node.value)} is no payload format.`,
    mend: `Write "1.0"${lambda}, or leave it out.`,
  })
  return '1.0'
}

/** Versions are easily written as numbers. */
export function isVersion({ value }: LocatedValue, major: 1 | 2): boolean {
  return value === major || value === String(major) || value === `${major}.0`
}

const PAYLOAD_FORMAT_IGNORED: Finding = {
  code: 'payload-format-ignored',
  message: 'The payload format 2.0 is for Lambda functions; it has no effect on an HTTP proxy.',
  mend: 'Write "1.0", or leave it out.',
}

/** HTTP APIs pass every body through; `never` on a REST API would have refused some. */
function checkPassthrough(run: ImportRun, node: LocatedValue | undefined): void {
  if (node === undefined || !/^never$/i.test(String(node.value))) return
  run.problems.error(node.pointer, {
    code: 'passthrough-unsupported',
    message: 'HTTP APIs pass every body on, so passthroughBehavior: never cannot be kept.',
    mend: 'Remove it, and let the origin refuse what it does not want.',
  })
}

function reportUnknown(run: ImportRun, name: string, node: LocatedValue): void {
  const nearest = nearestName(name, READ)
  run.problems.error(node.pointer, {
    code: 'integration-member-unknown',
    message: `An integration has no member named ${preview(name)}.`,
    mend: nearest === undefined ? 'Remove it.' : `Did you mean ${nearest}?`,
  })
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}
