/**
 * The members of one `x-amazon-apigateway-integration` that all types of integration have, each read and checked by
 * itself: address, method, time, TLS.
 */

import type { DefinedTlsConfig } from '../../domain/http-api-definition.ts'
import { nearestName } from '../../expression/did-you-mean.ts'
import {
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { Finding } from '../document/problem-list.ts'
import type { ImportRun } from './import-run.ts'

export const INTEGRATION_METHODS: readonly string[] = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'ANY',
]
/** RFC 1123 §2.1, with the underscores that private names have. */
const NAME_LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/
const NAME_CHARACTERS_MAX = 253
const TLS_MEMBERS = ['serverNameToVerify', 'insecureSkipVerification', 'clientCertificateId']

/** `findProblem` says what is wrong with an address of this kind. */
export function readUri(
  run: ImportRun,
  node: LocatedObject,
  findProblem: (uri: string) => Finding | undefined,
): string | undefined {
  const written = memberOf(node, 'uri')
  const uri = run.read.filled(written)
  if (written === undefined) run.problems.error(node.pointer, URI_MISSING)
  if (uri === undefined) return undefined
  const problem = findProblem(uri)
  if (problem === undefined) return uri
  run.problems.error(written!.pointer, problem)
  return undefined
}

export function readMethod(run: ImportRun, node: LocatedObject): string | undefined {
  const written = memberOf(node, 'httpMethod')
  const method = typeof written?.value === 'string' ? written.value.toUpperCase() : undefined
  if (method !== undefined && INTEGRATION_METHODS.includes(method)) return method
  run.problems.error(written?.pointer ?? node.pointer, {
    code: 'integration-method',
    message:
      written === undefined
        ? 'The integration has no httpMethod.'
        : `${preview(written.value)} is no method of an integration.`,
    mend: "Write httpMethod: ANY to send the client's method, or one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS.",
  })
  return undefined
}

export function readTimeout(run: ImportRun, node: LocatedObject): number {
  const { limits, profile } = run.options
  const written = memberOf(node, 'timeoutInMillis')
  const timeout = run.read.integer(written)
  if (timeout === undefined) return limits.integrationTimeoutDefaultMs
  const [least, most] = [limits.integrationTimeoutMinMs, limits.integrationTimeoutMaxMs]
  if (timeout < least || timeout > most) {
    run.problems.error(written!.pointer, {
      code: 'integration-timeout',
      message: `The timeout is ${timeout} ms; under --limits ${profile} it may be ${least} to ${most} ms.`,
      mend: profile === 'aws' ? 'Change it, or run with --limits extended.' : 'Change it.',
    })
  }
  return timeout
}

/** `uri` tells whether TLS is spoken at all. */
export function readTls(
  run: ImportRun,
  node: LocatedObject,
  uri: string,
): DefinedTlsConfig | undefined {
  const tls = run.read.object(memberOf(node, 'tlsConfig'))
  if (tls === undefined) return undefined
  for (const [name, member] of membersOf(tls)) {
    if (!TLS_MEMBERS.includes(name)) refuseTlsMember(run, name, member)
  }
  if (/^http:/i.test(uri)) run.problems.warn(tls.pointer, TLS_UNUSED)
  const name = readServerName(run, memberOf(tls, 'serverNameToVerify'))
  const skip = run.read.boolean(memberOf(tls, 'insecureSkipVerification'))
  if (skip === true) run.problems.warn(tls.pointer, TLS_UNVERIFIED)
  const certificate = run.read.filled(memberOf(tls, 'clientCertificateId'))
  return {
    ...(certificate === undefined ? {} : { ClientCertificateId: certificate }),
    ...(name === undefined ? {} : { ServerNameToVerify: name }),
    ...(skip === undefined ? {} : { InsecureSkipVerification: skip }),
  }
}

/** Whether a certificate can have this name. */
export function isServerName(name: string): boolean {
  if (name.length > NAME_CHARACTERS_MAX) return false
  return name.split('.').every((label) => NAME_LABEL.test(label))
}

function refuseTlsMember(run: ImportRun, name: string, member: LocatedValue): void {
  const nearest = nearestName(name, TLS_MEMBERS)
  run.problems.error(member.pointer, {
    code: 'tls-member-unknown',
    message: `tlsConfig has no member named ${preview(name)}.`,
    mend: nearest === undefined ? `It has ${TLS_MEMBERS.join(', ')}.` : `Did you mean ${nearest}?`,
  })
}

function readServerName(run: ImportRun, node: LocatedValue | undefined): string | undefined {
  const name = run.read.filled(node)
  if (name === undefined || isServerName(name)) return name
  run.problems.error(node!.pointer, {
    code: 'tls-server-name',
    message: `${preview(name)} is no name that a certificate can have.`,
    mend: 'Write a host name such as orders.internal.example.',
  })
  return undefined
}

const URI_MISSING: Finding = {
  code: 'uri-missing',
  message: 'The integration has no uri.',
  mend: 'Write uri: the http or https address of the service.',
}
const TLS_UNUSED: Finding = {
  code: 'tls-unused',
  message: 'tlsConfig has no effect: the uri begins with http://.',
  mend: 'Write https:// in the uri, or remove tlsConfig.',
}
const TLS_UNVERIFIED: Finding = {
  code: 'tls-unverified',
  message: 'Any certificate of the origin is accepted, also that of somebody in between.',
  mend: 'Give the origin a certificate that can be verified, and remove insecureSkipVerification.',
}
