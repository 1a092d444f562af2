/**
 * Where requests go: `x-amazon-apigateway-integration` of an operation, a shared one under `components`, or one made from
 * `--target`. An integration that several operations name is read, and told about, once.
 */

import type { Integration, IntegrationTls } from '../../domain/http-api.ts'
import { nearestName } from '../../expression/did-you-mean.ts'
import {
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import { integrationIdOf } from './identifiers.ts'
import { type ImportRun, sourceOf } from './import-run.ts'
import { readMapping } from './integration-mapping.ts'
import { checkConnection, checkIntegrationMembers, checkType } from './integration-members.ts'
import { findUriProblem, isSecure, uriVariablesOf } from './integration-uri.ts'
import { resolve } from './references.ts'
import { uriPathOf, variablesOf } from './route-path.ts'
import { readTarget } from './target.ts'

const EXTENSION = 'x-amazon-apigateway-integration'
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'ANY']
/** RFC 1123 §2.1, with the underscores that private names have. */
const NAME_LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/
const NAME_CHARACTERS_MAX = 253
const TLS_MEMBERS = ['serverNameToVerify', 'insecureSkipVerification']

export class IntegrationReader {
  readonly #run: ImportRun
  readonly #stageVariables: Readonly<Record<string, string>>
  /** Address that `--target` gives; undefined without it. */
  readonly #target: string | undefined
  /** Pointer of a written integration → what was read; undefined when it has errors. */
  readonly #read = new Map<string, Integration | undefined>()
  /** Pointers of all that operations refer to, directly or through another reference. */
  readonly #named = new Set<string>()
  readonly #byId = new Map<string, Integration>()
  /** Operations that have none, until it is known whether others have. */
  readonly #missing: LocatedObject[] = []

  constructor(run: ImportRun, stageVariables: Readonly<Record<string, string>>) {
    this.#run = run
    this.#stageVariables = stageVariables
    this.#target = readTarget(run)
  }

  /** Id of the integration of an operation on this path; undefined, and told, when there is none to use. */
  readFor(operation: LocatedObject, path: string): string | undefined {
    const written = memberOf(operation, EXTENSION)
    if (written === undefined) return this.#proxyToTarget(operation, path)
    const resolved = this.#run.read.object(resolve(this.#run, written, this.#named))
    if (resolved === undefined) return undefined
    const integration = this.#readOnce(resolved)
    if (integration === undefined) return undefined
    return this.#fits(integration, path, written) ? integration.integrationId : undefined
  }

  /** All that some route uses. */
  used(): readonly Integration[] {
    return [...this.#byId.values()]
  }

  isUsed(pointer: string): boolean {
    return this.#named.has(pointer)
  }

  /** To be called once all operations have been read. */
  reportMissing(operations: number): void {
    if (this.#missing.length === operations && operations > 1) {
      this.#run.problems.error('/paths', {
        code: 'integration-missing',
        message: `None of the ${operations} operations says where its requests go.`,
        mend: MISSING_MEND,
      })
      return
    }
    for (const operation of this.#missing) {
      this.#run.problems.error(operation.pointer, {
        code: 'integration-missing',
        message: 'The operation does not say where its requests go.',
        mend: MISSING_MEND,
      })
    }
  }

  #proxyToTarget(operation: LocatedObject, path: string): string | undefined {
    if (this.#target === undefined) {
      // A --target that is given but wrong has been told.
      if (this.#run.options.target === undefined) this.#missing.push(operation)
      return undefined
    }
    const uri = path === '$default' ? this.#target : this.#target + uriPathOf(path)
    return this.#add(operation.pointer, {
      integrationMethod: 'ANY',
      integrationUri: uri,
      timeoutInMillis: this.#run.options.limits.integrationTimeoutDefaultMs,
      requestParameters: {},
      responseParameters: {},
    }).integrationId
  }

  #readOnce(node: LocatedObject): Integration | undefined {
    if (this.#read.has(node.pointer)) return this.#read.get(node.pointer)
    const integration = this.#readIntegration(node)
    this.#read.set(node.pointer, integration)
    return integration
  }

  #readIntegration(node: LocatedObject): Integration | undefined {
    const isProxy = checkType(this.#run, node)
    const isReachable = checkConnection(this.#run, node)
    if (memberOf(node, 'type') === undefined) checkIntegrationMembers(this.#run, node)
    // The rest of another type would only repeat that it is not supported.
    if (!isProxy || !isReachable) return undefined
    checkIntegrationMembers(this.#run, node)
    const integrationUri = this.#readUri(node)
    const integrationMethod = this.#readMethod(node)
    const timeoutInMillis = this.#readTimeout(node)
    const mapping = readMapping(this.#run, node, this.#stageVariables)
    const tlsConfig = this.#readTls(node, integrationUri ?? 'https:')
    if (integrationUri === undefined || integrationMethod === undefined) return undefined
    const tls = tlsConfig === undefined ? {} : { tlsConfig }
    const parts = { integrationMethod, integrationUri, timeoutInMillis, ...mapping, ...tls }
    return this.#add(node.pointer, parts)
  }

  #add(
    pointer: string,
    parts: Omit<Integration, 'integrationId' | 'integrationType' | 'source'>,
  ): Integration {
    const integrationId = integrationIdOf(pointer, this.#byId)
    const source = sourceOf(this.#run, pointer)
    const integration: Integration = {
      integrationId,
      integrationType: 'HTTP_PROXY',
      ...parts,
      source,
    }
    this.#byId.set(integrationId, integration)
    return integration
  }

  #readUri(node: LocatedObject): string | undefined {
    const written = memberOf(node, 'uri')
    const uri = this.#run.read.string(written)
    if (written === undefined) this.#run.problems.error(node.pointer, URI_MISSING)
    if (uri === undefined) return undefined
    const problem = findUriProblem(uri, this.#stageVariables)
    if (problem === undefined) return uri
    this.#run.problems.error(written!.pointer, problem)
    return undefined
  }

  #readMethod(node: LocatedObject): string | undefined {
    const written = memberOf(node, 'httpMethod')
    const method = typeof written?.value === 'string' ? written.value.toUpperCase() : undefined
    if (method !== undefined && METHODS.includes(method)) return method
    this.#run.problems.error(written?.pointer ?? node.pointer, {
      code: 'integration-method',
      message:
        written === undefined
          ? 'The integration has no httpMethod.'
          : `${preview(written.value)} is no method of an integration.`,
      mend: "Write httpMethod: ANY to send the client's method, or one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS.",
    })
    return undefined
  }

  #readTimeout(node: LocatedObject): number {
    const { limits, profile } = this.#run.options
    const written = memberOf(node, 'timeoutInMillis')
    const timeout = this.#run.read.integer(written)
    if (timeout === undefined) return limits.integrationTimeoutDefaultMs
    const [least, most] = [limits.integrationTimeoutMinMs, limits.integrationTimeoutMaxMs]
    if (timeout < least || timeout > most) {
      this.#run.problems.error(written!.pointer, {
        code: 'integration-timeout',
        message: `The timeout is ${timeout} ms; under --limits ${profile} it may be ${least} to ${most} ms.`,
        mend: profile === 'aws' ? 'Change it, or run with --limits extended.' : 'Change it.',
      })
    }
    return timeout
  }

  #readTls(node: LocatedObject, uri: string): IntegrationTls | undefined {
    const tls = this.#run.read.object(memberOf(node, 'tlsConfig'))
    if (tls === undefined) return undefined
    for (const [name, member] of membersOf(tls)) {
      if (!TLS_MEMBERS.includes(name)) this.#refuseTlsMember(name, member)
    }
    if (!isSecure(uri)) this.#run.problems.warn(tls.pointer, TLS_UNUSED)
    const serverNameToVerify = this.#readServerName(memberOf(tls, 'serverNameToVerify'))
    const skip = this.#run.read.boolean(memberOf(tls, 'insecureSkipVerification'))
    if (skip === true) this.#run.problems.warn(tls.pointer, TLS_UNVERIFIED)
    return {
      ...(serverNameToVerify === undefined ? {} : { serverNameToVerify }),
      ...(skip === undefined ? {} : { insecureSkipVerification: skip }),
    }
  }

  #refuseTlsMember(name: string, member: LocatedValue): void {
    const nearest = nearestName(name, TLS_MEMBERS)
    this.#run.problems.error(member.pointer, {
      code: 'tls-member-unknown',
      message: `tlsConfig has no member named ${preview(name)}.`,
      mend:
        nearest === undefined ? `It has ${TLS_MEMBERS.join(', ')}.` : `Did you mean ${nearest}?`,
    })
  }

  #readServerName(node: LocatedValue | undefined): string | undefined {
    const name = this.#run.read.string(node)
    if (name === undefined || isServerName(name)) return name
    this.#run.problems.error(node!.pointer, {
      code: 'tls-server-name',
      message: `${preview(name)} is no name that a certificate can have.`,
      mend: 'Write a host name such as orders.internal.example.',
    })
    return undefined
  }

  /** A shared integration may use only variables that each of its routes has. */
  #fits(integration: Integration, path: string, written: LocatedValue): boolean {
    const names = variablesOf(path)
    const known = new Set(names)
    const absent = uriVariablesOf(integration.integrationUri).find((name) => !known.has(name))
    if (absent === undefined) return true
    this.#run.problems.error(memberOf(written, 'uri')?.pointer ?? written.pointer, {
      code: 'uri-variable-unknown',
      message: `The URI uses {${absent}}, which the path ${path} does not have.`,
      mend:
        names.length === 0
          ? 'Remove it from the uri, or add it to the path.'
          : `Use one of {${names.join('}, {')}}.`,
    })
    return false
  }
}

function isServerName(name: string): boolean {
  if (name.length > NAME_CHARACTERS_MAX) return false
  return name.split('.').every((label) => NAME_LABEL.test(label))
}

const MISSING_MEND =
  'Run with --target URL to send every such operation to one service, or add x-amazon-apigateway-integration to each.'

const URI_MISSING = {
  code: 'uri-missing',
  message: 'The integration has no uri.',
  mend: 'Write uri: the http or https address of the service.',
}
const TLS_UNUSED = {
  code: 'tls-unused',
  message: 'tlsConfig has no effect: the uri begins with http://.',
  mend: 'Write https:// in the uri, or remove tlsConfig.',
}
const TLS_UNVERIFIED = {
  code: 'tls-unverified',
  message: 'Any certificate of the origin is accepted, also that of somebody in between.',
  mend: 'Give the origin a certificate that can be verified, and remove insecureSkipVerification.',
}
