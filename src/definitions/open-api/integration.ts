/**
 * Where requests go: `x-amazon-apigateway-integration` of an operation, a shared one under `components`, or one made from
 * `--target`. An integration that several operations name is read, and told about, once.
 */

import type { DefinedIntegration } from '../../domain/http-api-definition.ts'
import {
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { resourceIdOf } from './identifiers.ts'
import { type ImportRun, sourceOf } from './import-run.ts'
import { checkIntegrationMembers, readConnectionType, readType } from './integration-members.ts'
import { readAwsProxy, readHttpProxy } from './integration-types.ts'
import { uriVariablesOf } from './integration-uri.ts'
import { resolve } from './references.ts'
import { uriPathOf, variablesOf } from './route-path.ts'
import { readTarget } from './target.ts'

const EXTENSION = 'x-amazon-apigateway-integration'
const SHARED = 'x-amazon-apigateway-integrations'

/** With the members that the reader always fills in. */
export type ReadIntegration = DefinedIntegration & {
  readonly IntegrationId: string
  readonly source: string
}

/** What an operation says about where its requests go; without an id, nothing. */
export interface ReadTarget {
  readonly integrationId?: string
}

export class IntegrationReader {
  readonly #run: ImportRun
  /** Undefined: the stage is not known. */
  readonly #stageVariables: Readonly<Record<string, string>> | undefined
  /** Address that `--target` gives; undefined without it. */
  readonly #target: string | undefined
  /** Pointer of a written integration → what was read; undefined when it has errors. */
  readonly #read = new Map<string, ReadIntegration | undefined>()
  /** Pointers of all that operations refer to, directly or through another reference. */
  readonly #named = new Set<string>()
  readonly #all: ReadIntegration[] = []
  /** Operations that have none, until it is known whether others have. */
  readonly #missing: LocatedObject[] = []

  constructor(run: ImportRun, stageVariables: Readonly<Record<string, string>>) {
    this.#run = run
    this.#stageVariables = run.enforce === 'everything' ? stageVariables : undefined
    this.#target = readTarget(run)
  }

  /** The integration of an operation on this path; undefined, and told, when there is none to use. */
  readFor(operation: LocatedObject, path: string): ReadTarget | undefined {
    const written = memberOf(operation, EXTENSION)
    if (written === undefined) return this.#proxyToTarget(operation, path)
    const resolved = this.#run.read.object(resolve(this.#run, written, this.#named))
    if (resolved === undefined) return undefined
    const integration = this.#readOnce(resolved)
    if (integration === undefined || !this.#fits(integration, path, written)) return undefined
    return { integrationId: integration.IntegrationId }
  }

  /** Shared ones that no operation names belong to an API all the same. */
  readUnused(): void {
    const components = memberOf(this.#run.root, 'components')
    const shared = this.#run.read.object(components && memberOf(components, SHARED))
    for (const [, node] of shared === undefined ? [] : membersOf(shared)) {
      if (this.isUsed(node.pointer)) continue
      const resolved = this.#run.read.object(resolve(this.#run, node))
      if (resolved !== undefined) this.#readOnce(resolved)
    }
  }

  all(): readonly ReadIntegration[] {
    return this.#all
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

  #proxyToTarget(operation: LocatedObject, path: string): ReadTarget | undefined {
    if (this.#target === undefined) {
      // A --target that is given but wrong has been told.
      if (this.#run.options.target !== undefined) return undefined
      if (this.#run.enforce === 'nothing') return {}
      this.#missing.push(operation)
      return undefined
    }
    const uri = path === '$default' ? this.#target : this.#target + uriPathOf(path)
    const integration = this.#add(operation.pointer, {
      ConnectionType: 'INTERNET',
      IntegrationMethod: 'ANY',
      IntegrationType: 'HTTP_PROXY',
      IntegrationUri: uri,
      PayloadFormatVersion: '1.0',
      TimeoutInMillis: this.#run.options.limits.integrationTimeoutDefaultMs,
    })
    return { integrationId: integration.IntegrationId }
  }

  #readOnce(node: LocatedObject): ReadIntegration | undefined {
    if (this.#read.has(node.pointer)) return this.#read.get(node.pointer)
    const integration = this.#readIntegration(node)
    this.#read.set(node.pointer, integration)
    return integration
  }

  #readIntegration(node: LocatedObject): ReadIntegration | undefined {
    const type = readType(this.#run, node)
    const connectionType = readConnectionType(this.#run, node)
    if (memberOf(node, 'type') === undefined) checkIntegrationMembers(this.#run, node)
    // The rest of another type would only repeat that it is not supported.
    if (type === undefined || connectionType === undefined) return undefined
    checkIntegrationMembers(this.#run, node)
    const integration =
      type === 'HTTP_PROXY'
        ? readHttpProxy(this.#run, node, { connectionType, stageVariables: this.#stageVariables })
        : readAwsProxy(this.#run, node)
    return integration && this.#add(node.pointer, integration)
  }

  #add(pointer: string, integration: DefinedIntegration): ReadIntegration {
    const added = {
      ...integration,
      IntegrationId: resourceIdOf('integration', pointer, this.#run.ids),
      source: sourceOf(this.#run, pointer),
    }
    this.#all.push(added)
    return added
  }

  /** A shared integration may use only variables that each of its routes has. */
  #fits(integration: ReadIntegration, path: string, written: LocatedValue): boolean {
    if (this.#run.enforce === 'nothing') return true
    const names = variablesOf(path)
    const known = new Set(names)
    const variables = uriVariablesOf(integration.IntegrationUri ?? '')
    const absent = variables.find((name) => !known.has(name))
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

const MISSING_MEND =
  'Run with --target URL to send every such operation to one service, or add x-amazon-apigateway-integration to each.'
