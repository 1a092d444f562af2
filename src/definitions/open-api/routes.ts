/** Path items and operations to routes. Each operation becomes one route; webhooks and callbacks are not the API's own. */

import type { DefinedRoute } from '../../domain/http-api-definition.ts'
import { nearestName } from '../../expression/did-you-mean.ts'
import { pointerTo } from '../document/json-pointer.ts'
import {
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import { readPathPrefix } from './base-path.ts'
import type { ClientLimitReader } from './client-limits.ts'
import { checkExtensions } from './extensions.ts'
import { resourceIdOf } from './identifiers.ts'
import { type ImportRun, sourceOf } from './import-run.ts'
import type { IntegrationReader } from './integration.ts'
import { resolve } from './references.ts'
import { findPathProblem, shapeOf } from './route-path.ts'
import type { SecurityReader } from './security.ts'

export interface ReadRoute {
  readonly route: DefinedRoute & { readonly RouteId: string; readonly RouteKey: string }
  readonly operation: LocatedObject
  /** Undefined: the route has no target. */
  readonly integrationId: string | undefined
  readonly source: string
}

const METHODS: Readonly<Record<string, string>> = {
  get: 'GET',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  head: 'HEAD',
  options: 'OPTIONS',
  'x-amazon-apigateway-any-method': 'ANY',
}
const OTHER_MEMBERS = ['$ref', 'summary', 'description', 'servers', 'parameters']
const DEFAULT_PATH = /^\/?\$default$/

/** Readers of what an operation brings along. */
export interface OperationReaders {
  readonly integrations: IntegrationReader
  readonly security: SecurityReader
  readonly limits: ClientLimitReader
}

export function readRoutes(run: ImportRun, readers: OperationReaders): ReadRoute[] {
  const { integrations } = readers
  const reader = new RouteReader(run, readers)
  const paths = run.read.object(memberOf(run.root, 'paths'))
  for (const [path, node] of paths === undefined ? [] : membersOf(paths)) {
    if (!path.startsWith('x-')) reader.readPath(path, node)
  }
  if (reader.operations === 0 && run.enforce === 'everything' && !run.problems.hasErrors) {
    run.problems.error(paths?.pointer ?? '', {
      code: 'routes-missing',
      message: 'The definition has no operation under "paths", so there is nothing to serve.',
      mend: 'Add at least one path with an operation such as get.',
    })
  }
  integrations.reportMissing(reader.operations)
  return reader.routes
}

class RouteReader {
  readonly routes: ReadRoute[] = []
  operations = 0
  readonly #run: ImportRun
  readonly #readers: OperationReaders
  readonly #prefix: string
  /** Method and shape → route key and place of the first route that has them. */
  readonly #taken = new Map<string, { routeKey: string; pointer: string }>()

  constructor(run: ImportRun, readers: OperationReaders) {
    this.#run = run
    this.#readers = readers
    this.#prefix = readPathPrefix(run)
  }

  readPath(written: string, node: LocatedValue): void {
    const isDefault = DEFAULT_PATH.test(written)
    const path = isDefault ? '$default' : this.#withPrefix(written)
    const problem = isDefault ? undefined : findPathProblem(path, this.#run.options.profile)
    if (problem !== undefined) {
      this.#run.problems.error(node.pointer, problem)
      return
    }
    for (const [name, member] of this.#membersOf(node)) this.#readMember(path, name, member)
  }

  /** Members of a path item and, where it has a `$ref`, of the one that it names; its own count more. */
  #membersOf(node: LocatedValue): Map<string, LocatedValue> {
    const own = this.#run.read.object(node)
    const members = new Map<string, LocatedValue>()
    if (own === undefined) return members
    const named = memberOf(own, '$ref') && this.#run.read.object(resolve(this.#run, own))
    for (const item of [named, own]) {
      if (item === undefined) continue
      checkExtensions(this.#run, item, 'a path item')
      for (const [name, member] of membersOf(item)) members.set(name, member)
    }
    return members
  }

  #readMember(path: string, name: string, node: LocatedValue): void {
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined
    if (method !== undefined) this.#readOperation(path, method, node)
    else if (!OTHER_MEMBERS.includes(name) && !name.startsWith('x-')) this.#refuse(name, node)
  }

  #readOperation(path: string, method: string, node: LocatedValue): void {
    this.operations++
    const operation = this.#run.read.object(node)
    if (operation === undefined) return
    checkExtensions(this.#run, operation, 'an operation')
    const { integrations, security, limits } = this.#readers
    const authorization = security.readFor(operation)
    const ClientLimits = limits.readFor(operation)
    if (!this.#checkDefault(path, method, operation)) return
    const routeKey = path === '$default' ? path : `${method} ${path}`
    if (!this.#take(routeKey, path, operation)) return
    const target = integrations.readFor(operation, path)
    if (target === undefined) return
    const { integrationId } = target
    const name = this.#run.read.string(memberOf(operation, 'operationId'))
    const route = {
      ApiKeyRequired: false,
      ...authorization,
      ...(ClientLimits === undefined ? {} : { ClientLimits }),
      ...(name === undefined ? {} : { OperationName: name }),
      RouteId: resourceIdOf('route', routeKey, this.#run.ids),
      RouteKey: routeKey,
      ...(integrationId === undefined ? {} : { Target: `integrations/${integrationId}` }),
    }
    const source = sourceOf(this.#run, operation.pointer)
    this.routes.push({ route, operation, integrationId, source })
  }

  #take(routeKey: string, path: string, operation: LocatedObject): boolean {
    const key = path === '$default' ? path : `${routeKey.split(' ', 1)[0]} ${shapeOf(path)}`
    const first = this.#taken.get(key)
    if (first === undefined) {
      this.#taken.set(key, { routeKey, pointer: operation.pointer })
      return true
    }
    const where = sourceOf(this.#run, first.pointer)
    this.#run.problems.error(operation.pointer, {
      code: first.routeKey === routeKey ? 'route-duplicate' : 'route-conflict',
      message: `${routeKey} takes the same requests as ${first.routeKey} (${where}).`,
      mend: 'Keep one of the two, or give them paths that differ in more than names.',
    })
    return false
  }

  #withPrefix(path: string): string {
    if (this.#prefix === '' || !path.startsWith('/')) return path
    return path === '/' ? this.#prefix : this.#prefix + path
  }

  #refuse(name: string, node: LocatedValue): void {
    const nearest = nearestName(name, [...Object.keys(METHODS), ...OTHER_MEMBERS])
    const isMethod = ['trace', 'connect', 'query', 'additionalOperations'].includes(name)
    this.#run.problems.error(node.pointer, {
      code: isMethod ? 'method-unsupported' : 'path-member-unknown',
      message: isMethod
        ? `HTTP APIs have no routes for ${name}.`
        : `${preview(name)} is not a method, and no other member of a path item.`,
      mend:
        isMethod || nearest === undefined
          ? 'Remove it; routes have get, post, put, patch, delete, head, options.'
          : `Did you mean ${nearest}?`,
    })
  }

  /** AWS exports the default route as ANY of the path `/$default`, with a mark. */
  #checkDefault(path: string, method: string, operation: LocatedObject): boolean {
    const isDefault = path === '$default'
    const isMarked = memberOf(operation, 'isDefaultRoute')?.value === true
    if (isDefault ? method === 'ANY' : !isMarked) return true
    this.#run.problems.error(operation.pointer, {
      code: 'default-route',
      message: isDefault
        ? 'The $default route takes every method, so it cannot be for one of them.'
        : 'The operation is marked as the default route but stands at another path.',
      mend: 'Put it at the path /$default, under x-amazon-apigateway-any-method.',
    })
    return false
  }
}

/** Pointer of a member that may not be there, for messages. */
export function placeOfMember(node: LocatedObject, key: string): string {
  return memberOf(node, key) === undefined ? node.pointer : pointerTo(node.pointer, key)
}
