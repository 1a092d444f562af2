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
import { matchingKey } from '../../http/message/canonical-path.ts'

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

  /** The same for the name at `[from, to)` of a path, which becomes a string only where there are several children. */
  childAt(path: string, from: number, to: number): Node | undefined {
    if (this.#others !== undefined) return this.child(path.slice(from, to))
    const isNamed = to - from === this.#name.length && path.startsWith(this.#name, from)
    return isNamed ? this.#child : undefined
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
      const asked = new AskedPath(method, path, key, plain)
      const found =
        findFull(this.#root, asked, START, NONE) ?? findGreedy(this.#root, asked, START, NONE)
      if (found !== undefined) return found
    }
    return method === 'TRACE' ? undefined : this.#fallback
  }
}

/** Offset of the first segment: behind the slash that every path begins with. */
const START = 1

/**
 * A path on its way through the nodes: segments are ranges of the key, so that looking at them makes no strings
 * (a greedy route: 590 → 270 ns, Node 24). The first begins at 1, the one behind the last at `key.length + 1`.
 */
class AskedPath {
  readonly method: string
  /** What routes are compared with: no trailing slash, decoded where the path is not plain. */
  readonly key: string
  readonly #path: string
  readonly #plain: boolean

  constructor(method: string, path: string, key: string, plain: boolean) {
    this.method = method
    this.key = key
    this.#path = path
    this.#plain = plain
  }

  get isEmpty(): boolean {
    return this.#path === '/'
  }

  /** Where the segment that begins at `from` ends. */
  endOf(from: number): number {
    const end = this.key.indexOf('/', from)
    return end === -1 ? this.key.length : end
  }

  /** The segment at `[from, to)` of the key as it stands in the path. */
  value(from: number, to: number): string {
    if (this.#plain) return this.key.slice(from, to)
    const offset = this.#offsetInPath(from)
    const end = this.#path.indexOf('/', offset)
    return this.#path.slice(offset, end === -1 ? undefined : end)
  }

  /** Everything from the segment at `from` on, trailing slash included; undefined when nothing is there. */
  rest(from: number): string | undefined {
    const offset = this.#plain ? from : this.#offsetInPath(from)
    return offset > this.#path.length ? undefined : this.#path.slice(offset)
  }

  /** Decoding changes the length of segments, never their number. */
  #offsetInPath(from: number): number {
    let offset = 0
    for (let at = 0; at < from; at = this.endOf(at) + 1) {
      const end = this.#path.indexOf('/', offset)
      offset = end === -1 ? this.#path.length + 1 : end + 1
    }
    return offset
  }
}

/** Depth first, static child before variable: the first leaf that has the method is the most specific. */
function findFull(
  node: Node,
  asked: AskedPath,
  from: number,
  taken: readonly string[],
): RouteMatch | undefined {
  const { method, key } = asked
  if (from > key.length) {
    const match = node.leaf?.find(method)
    return match === undefined ? undefined : { index: match.index, parameters: taken }
  }
  const to = asked.endOf(from)
  const child = node.childAt(key, from, to)
  if (child !== undefined) {
    const found = findFull(child, asked, to + 1, taken)
    if (found !== undefined) return found
  }
  if (node.variable === undefined || from === to) return undefined
  return findFull(node.variable, asked, to + 1, [...taken, asked.value(from, to)])
}

/** The greedy route with the longest literal prefix that has the method. It takes at least one segment, which may be empty behind a slash. */
function findGreedy(
  node: Node,
  asked: AskedPath,
  from: number,
  taken: readonly string[],
): RouteMatch | undefined {
  const { method, key } = asked
  if (from <= key.length) {
    const to = asked.endOf(from)
    const child = node.childAt(key, from, to)
    if (child !== undefined) {
      const found = findGreedy(child, asked, to + 1, taken)
      if (found !== undefined) return found
    }
    if (node.variable !== undefined && from !== to) {
      const next = [...taken, asked.value(from, to)]
      const found = findGreedy(node.variable, asked, to + 1, next)
      if (found !== undefined) return found
    }
  }
  const match = node.greedy?.find(method)
  if (match === undefined || asked.isEmpty) return undefined
  const rest = asked.rest(from)
  return rest === undefined ? undefined : { index: match.index, parameters: [...taken, rest] }
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
