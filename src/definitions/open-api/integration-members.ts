/**
 * Every member of `x-amazon-apigateway-integration`, and what becomes of it. Members that ask for something that an
 * HTTP proxy of an HTTP API does not do are refused unless they are empty.
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

/** Members with a reader of their own, and those without an effect on HTTP proxies. */
const READ = [
  'type',
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
  connectionId: 'VPC links are not there yet',
  contentHandling: 'HTTP APIs pass bodies on as they are',
  credentials: 'Calls to AWS services are not signed yet',
  'integration-target': 'VPC links are not there yet',
  integrationSubtype: 'AWS services are not called yet',
  requestTemplates: 'HTTP APIs do not transform bodies',
}

export function checkIntegrationMembers(run: ImportRun, integration: LocatedObject): void {
  for (const [name, node] of membersOf(integration)) {
    if (READ.includes(name)) continue
    if (!Object.hasOwn(REFUSED, name)) reportUnknown(run, name, node)
    else if (!isEmpty(node.value)) {
      run.problems.error(node.pointer, {
        code: 'integration-member-unsupported',
        message: `${name}: ${REFUSED[name]}.`,
        mend: 'Remove it, and let the origin do this.',
      })
    }
  }
  checkPayloadFormat(run, memberOf(integration, 'payloadFormatVersion'))
  checkPassthrough(run, memberOf(integration, 'passthroughBehavior'))
}

/** True for `http_proxy`; everything else is told. */
export function checkType(run: ImportRun, integration: LocatedObject): boolean {
  const node = memberOf(integration, 'type')
  const type = typeof node?.value === 'string' ? node.value.toLowerCase() : undefined
  if (type === 'http_proxy') return true
  run.problems.error(node?.pointer ?? integration.pointer, typeFinding(type, node?.value))
  return false
}

/** True for the internet, which is every network that the server reaches. */
export function checkConnection(run: ImportRun, integration: LocatedObject): boolean {
  const node = memberOf(integration, 'connectionType')
  if (node === undefined || node.value === 'INTERNET') return true
  const isLink = node.value === 'VPC_LINK'
  run.problems.error(node.pointer, {
    code: isLink ? 'vpc-link-unsupported' : 'connection-type',
    message: isLink
      ? 'VPC links are not there yet.'
      : `${preview(node.value)} is no connection type.`,
    mend: isLink
      ? 'Remove connectionType and connectionId, and write the address of the service as uri.'
      : 'Write INTERNET, or leave it out.',
  })
  return false
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

function checkPayloadFormat(run: ImportRun, node: LocatedValue | undefined): void {
  if (node === undefined || ['1.0', '1', 1].includes(node.value as string)) return
  if (['2.0', '2', 2].includes(node.value as string)) {
    run.problems.warn(node.pointer, {
      code: 'payload-format-ignored',
      message: 'The payload format 2.0 is for Lambda functions; it has no effect on an HTTP proxy.',
      mend: 'Write "1.0", or leave it out.',
    })
    return
  }
  run.problems.error(node.pointer, {
    code: 'payload-format',
    message: `${preview(node.value)} is no payload format.`,
    mend: 'Write "1.0", or leave it out.',
  })
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
