// hot path — see STYLE §8
/**
 * Which route takes a request: the rules of HTTP APIs
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html), compiled.
 *
 * Order: a full match of path and method, static segments before variables from left to right; then the greedy route
 * with the longest prefix; then `$default`. On one path the exact method comes before ANY; a path that lacks the method
 * does not hide a less specific one that has it. Static paths cost one look-up however many there are; the others a
 * walk along the segments.
 *
 * A trailing slash and matrix parameters do not take part in matching, so that neither opens a way around a route.
 */

import { flatText } from '../../base/flat-text.ts'
import { decodeSegment, withoutParameters } from './canonical-path.ts'

export interface RouteMatch {
  /** Position of the route key in the list that was compiled. */
  readonly index: number
  /** Values of the path parameters, canonical and still percent-encoded, in the order of the route key. */
  readonly parameters: readonly string[]
}

export interface Router {
  /** `path` is canonical. Undefined: no route, not even `$default`. */
  match(method: string, path: string): RouteMatch | undefined
}

/** ANY stands for these (no CONNECT, no TRACE). */
export const ANY_METHODS: ReadonlySet<string> = new Set([
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
])

const NONE: readonly string[] = []

/**
 * The routes that end at one place, by method. Most places have one route: it stands in the leaf itself, since with
 * thousands of routes each further object is a cache miss (bench/rows/many-routes.ts).
 */
class Leaf {
  #method = ''
  #match: RouteMatch | undefined
  #others: Map<string, RouteMatch> | undefined
  #any: RouteMatch | undefined

  add(method: string, match: RouteMatch): void {
    if (method === 'ANY') this.#any = match
    else if (this.#match === undefined) {
      this.#method = method
      this.#match = match
    } else {
      this.#others ??= new Map()
      this.#others.set(method, match)
    }
  }

  find(method: string): RouteMatch | undefined {
    if (this.#method === method) return this.#match
    const other = this.#others?.get(method)
    if (other !== undefined || this.#any === undefined) return other
    return ANY_METHODS.has(method) ? this.#any : undefined
  }
}

/** One segment of the paths with variables. Most have one child, which stands in the node itself, as in a leaf. */
class Node {
  #name = ''
  #child: Node | undefined
  #others: Map<string, Node> | undefined
  variable: Node | undefined
  leaf: Leaf | undefined
  greedy: Leaf | undefined

  child(name: string): Node | undefined {
    return this.#name === name ? this.#child : this.#others?.get(name)
  }

  /** The child of that name, made if it is not there. */
  childFor(name: string): Node {
    const there = this.child(name)
    if (there !== undefined) return there
    const made = new Node()
    if (this.#child === undefined) {
      this.#name = flatText(name)
      this.#child = made
    } else {
      this.#others ??= new Map()
      this.#others.set(flatText(name), made)
    }
    return made
  }

  get isEmpty(): boolean {
    return this.#child === undefined && this.variable === undefined && this.greedy === undefined
  }
}

/** Compiles route keys (`GET /pets/{id}`, `ANY /{proxy+}`, `$default`) that have been validated. */
export function compileRouter(routeKeys: readonly string[]): Router {
  const statics = new Map<string, Leaf>()
  const root = new Node()
  let fallback: RouteMatch | undefined
  for (let index = 0; index < routeKeys.length; index++) {
    const key = routeKeys[index]!
    const match: RouteMatch = { index, parameters: NONE }
    if (key === '$default') fallback = match
    else {
      const [method, path] = splitRouteKey(key)
      leafOf(path, statics, root).add(method, match)
    }
  }
  return new CompiledRouter(statics, root, fallback)
}

/** `GET /pets` → `['GET', '/pets']`. */
export function splitRouteKey(routeKey: string): [method: string, path: string] {
  const space = routeKey.indexOf(' ')
  return [routeKey.slice(0, space), routeKey.slice(space + 1)]
}

/** Names of a route's path parameters, in order; the greedy one without its `+`. */
export function parameterNames(routeKey: string): readonly string[] {
  return [...routeKey.matchAll(/\{([^{}+]+)\+?\}/g)].map((found) => found[1]!)
}

function leafOf(path: string, statics: Map<string, Leaf>, root: Node): Leaf {
  const key = withoutTrailingSlash(path)
  if (!path.includes('{')) {
    const leaf = statics.get(key) ?? new Leaf()
    if (!statics.has(key)) statics.set(flatText(key), leaf)
    return leaf
  }
  let node = root
  for (const segment of key.split('/').slice(1)) {
    if (segment.endsWith('+}')) {
      node.greedy ??= new Leaf()
      return node.greedy
    }
    node = childFor(node, segment)
  }
  node.leaf ??= new Leaf()
  return node.leaf
}

function childFor(node: Node, segment: string): Node {
  if (!segment.startsWith('{')) return node.childFor(segment)
  node.variable ??= new Node()
  return node.variable
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

class CompiledRouter implements Router {
  readonly #statics: ReadonlyMap<string, Leaf>
  readonly #root: Node
  readonly #hasVariables: boolean
  readonly #fallback: RouteMatch | undefined

  constructor(statics: ReadonlyMap<string, Leaf>, root: Node, fallback: RouteMatch | undefined) {
    this.#statics = statics
    this.#root = root
    this.#hasVariables = !root.isEmpty
    this.#fallback = fallback
  }

  match(method: string, path: string): RouteMatch | undefined {
    const plain = !path.includes('%') && !path.includes(';')
    const key = withoutTrailingSlash(plain ? path : matchingKey(path))
    const exact = this.#statics.get(key)?.find(method)
    if (exact !== undefined) return exact
    if (this.#hasVariables) {
      const names = key.split('/')
      const values = plain ? names : withoutTrailingSlash(path).split('/')
      const found =
        findFull(this.#root, method, names, 1, values, []) ??
        findGreedy(this.#root, method, names, 1, { path, values }, [])
      if (found !== undefined) return found
    }
    return method === 'TRACE' ? undefined : this.#fallback
  }
}

/** The path as routes are compared with it: decoded, each segment without its parameters. */
function matchingKey(path: string): string {
  return path
    .split('/')
    .map((segment) => withoutParameters(decodeSegment(segment) ?? segment))
    .join('/')
}

/** Depth first, static child before variable: the first leaf that has the method is the most specific. */
function findFull(
  node: Node,
  method: string,
  names: readonly string[],
  at: number,
  values: readonly string[],
  taken: readonly string[],
): RouteMatch | undefined {
  if (at === names.length) {
    const match = node.leaf?.find(method)
    return match === undefined ? undefined : { index: match.index, parameters: taken }
  }
  const name = names[at]!
  const child = node.child(name)
  if (child !== undefined) {
    const found = findFull(child, method, names, at + 1, values, taken)
    if (found !== undefined) return found
  }
  if (node.variable === undefined || name === '') return undefined
  return findFull(node.variable, method, names, at + 1, values, [...taken, values[at]!])
}

interface GreedySource {
  readonly path: string
  readonly values: readonly string[]
}

/** The greedy route with the longest literal prefix that has the method. It takes at least one segment, which may be empty behind a slash. */
function findGreedy(
  node: Node,
  method: string,
  names: readonly string[],
  at: number,
  source: GreedySource,
  taken: readonly string[],
): RouteMatch | undefined {
  if (at < names.length) {
    const name = names[at]!
    const child = node.child(name)
    if (child !== undefined) {
      const found = findGreedy(child, method, names, at + 1, source, taken)
      if (found !== undefined) return found
    }
    if (node.variable !== undefined && name !== '') {
      const next = [...taken, source.values[at]!]
      const found = findGreedy(node.variable, method, names, at + 1, source, next)
      if (found !== undefined) return found
    }
  }
  const match = node.greedy?.find(method)
  if (match === undefined) return undefined
  const rest = restOfPath(source, at)
  return rest === undefined ? undefined : { index: match.index, parameters: [...taken, rest] }
}

/** What a greedy parameter at segment `at` takes, trailing slash included; undefined when nothing is there. */
function restOfPath(source: GreedySource, at: number): string | undefined {
  let offset = 1
  for (let i = 1; i < at; i++) offset += source.values[i]!.length + 1
  return offset > source.path.length || source.path === '/' ? undefined : source.path.slice(offset)
}

/** Route keys in the order in which a request is offered to them. */
export function inPriorityOrder(routeKeys: readonly string[]): readonly string[] {
  return [...routeKeys].sort((one, other) => compareRank(rankOf(one), rankOf(other)))
}

/** Class (full, greedy, default), then segment by segment static, variable, greedy, then the method. */
function rankOf(routeKey: string): readonly (number | string)[] {
  if (routeKey === '$default') return [2]
  const [method, path] = splitRouteKey(routeKey)
  const kinds = path.split('/').slice(1).map(kindOf).join('/')
  return [path.endsWith('+}') ? 1 : 0, kinds, method === 'ANY' ? '~' : method]
}

function kindOf(segment: string): string {
  if (segment.endsWith('+}')) return 'c'
  return segment.startsWith('{') ? 'b' : `a${segment}`
}

function compareRank(
  one: readonly (number | string)[],
  other: readonly (number | string)[],
): number {
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    if (one[i]! < other[i]!) return -1
    if (one[i]! > other[i]!) return 1
  }
  return one.length - other.length
}
