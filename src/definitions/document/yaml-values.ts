/**
 * From the nodes of a YAML document to plain values. Every alias is charged with the full size of what it stands for;
 * the values themselves are shared, so a small text stays small in memory too.
 */

import type { Alias, Node, Scalar, YAMLMap } from 'yaml'
import { pointerTo } from './json-pointer.ts'
import {
  duplicateKey,
  FAULTS_MAX,
  forbiddenKey,
  type SourceFault,
  type SourceLimits,
} from './parsed-source.ts'
import { yamlPackage } from './yaml-package.ts'

/** Sixteen characters count as much as one value, so that aliases of long texts are charged, too. */
const CHARACTER_CHARGE = 4

export type MaybeNode = Node | null | undefined

interface Member {
  readonly offset: number
  readonly value: MaybeNode
}

/** What an anchor names: `undefined` while it is still being read. */
interface Anchored {
  readonly node: Node
  read: { readonly value: unknown; readonly size: number } | undefined
}

export class YamlValues {
  readonly faults: SourceFault[] = []
  readonly #limits: SourceLimits
  readonly #anchors = new Map<string, Anchored>()
  readonly #targets = new Map<Alias, Node>()
  readonly #members = new Map<Node, Map<string, Member>>()
  #size = 0
  #tooLarge = false

  constructor(limits: SourceLimits) {
    this.#limits = limits
  }

  /** The plain value; meaningless once there is a fault. Nodes are read in the order of the text, as anchors need. */
  read(node: MaybeNode, pointer = ''): unknown {
    if (node === null || node === undefined) return null
    if (this.#tooLarge || this.faults.length >= FAULTS_MAX) return null
    if (yamlPackage().isAlias(node)) return this.#readAlias(node, pointer)
    this.#charge(1, node, pointer)
    const anchor = 'anchor' in node ? node.anchor : undefined
    if (anchor === undefined) return this.#readPlain(node, pointer)
    const anchored: Anchored = { node, read: undefined }
    const sizeBefore = this.#size
    this.#anchors.set(anchor, anchored)
    const value = this.#readPlain(node, pointer)
    anchored.read = { value, size: this.#size - sizeBefore + 1 }
    return value
  }

  /** Where a member or list item is written; undefined when there is none. Follows aliases and merge keys. */
  memberOf(node: MaybeNode, key: string): Member | undefined {
    const target = node && yamlPackage().isAlias(node) ? this.#targets.get(node) : node
    if (!target) return undefined
    if (yamlPackage().isSeq(target)) {
      const item = target.items[Number(key)] as MaybeNode
      return item ? { offset: offsetOf(item), value: item } : undefined
    }
    return yamlPackage().isMap(target) ? this.#membersOf(target).get(key) : undefined
  }

  #readPlain(node: Node, pointer: string): unknown {
    if (yamlPackage().isMap(node)) return this.#readMap(node, pointer)
    if (yamlPackage().isSeq(node))
      return node.items.map((item, i) => this.#readItem(item, pointerTo(pointer, i)))
    return this.#readScalar(node as Scalar, pointer)
  }

  #readItem(item: unknown, pointer: string): unknown {
    if (!(item instanceof yamlPackage().Pair)) return this.read(item as MaybeNode, pointer)
    return this.#fail(item.key as MaybeNode, pointer, UNPLAIN)
  }

  #readMap(map: YAMLMap, pointer: string): Record<string, unknown> {
    const own: Record<string, unknown> = {}
    const merged: Record<string, unknown>[] = []
    for (const pair of map.items) {
      const keyNode = pair.key as MaybeNode
      const value = pair.value as MaybeNode
      if (isMergeKey(keyNode)) merged.push(...this.#readMerge(value, pointer))
      else this.#readMember(own, { keyNode, value }, pointer)
    }
    return merged.length === 0 ? own : Object.assign({}, ...merged.reverse(), own)
  }

  #readMember(
    own: Record<string, unknown>,
    pair: { keyNode: MaybeNode; value: MaybeNode },
    pointer: string,
  ): void {
    const key = this.#keyText(pair.keyNode)
    const offset = offsetOf(pair.keyNode)
    if (key === undefined) {
      this.#fail(pair.keyNode, pointer, UNPLAIN_KEY)
    } else if (key === '__proto__') {
      this.faults.push(forbiddenKey(offset, pointerTo(pointer, key)))
    } else {
      const place = pointerTo(pointer, key)
      if (Object.hasOwn(own, key)) this.faults.push(duplicateKey(key, offset, place))
      own[key] = this.read(pair.value, place)
    }
  }

  /** Maps of a merge key, the first of which wins. */
  #readMerge(node: MaybeNode, pointer: string): Record<string, unknown>[] {
    const value = this.read(node, pointer)
    const maps = Array.isArray(value) ? value : [value]
    const plain = maps.filter(
      (map) => typeof map === 'object' && map !== null && !Array.isArray(map),
    )
    if (plain.length !== maps.length) this.#fail(node, pointer, UNMERGEABLE)
    return plain as Record<string, unknown>[]
  }

  #readScalar(scalar: Scalar, pointer: string): unknown {
    const { value } = scalar
    if (typeof value === 'string') this.#charge(value.length >> CHARACTER_CHARGE, scalar, pointer)
    if (typeof value !== 'object' || value === null) return value ?? null
    // YAML 1.1 makes dates of unquoted text.
    if (value instanceof Date) return scalar.source ?? value.toISOString()
    return this.#fail(scalar, pointer, UNPLAIN)
  }

  #readAlias(alias: Alias, pointer: string): unknown {
    const anchored = this.#anchors.get(alias.source)
    if (anchored?.read === undefined) {
      return this.#fail(alias, pointer, anchored === undefined ? UNKNOWN_ALIAS : CYCLIC_ALIAS)
    }
    this.#targets.set(alias, anchored.node)
    this.#charge(anchored.read.size, alias, pointer)
    return anchored.read.value
  }

  #charge(size: number, node: Node, pointer: string): void {
    this.#size += size
    const most = this.#limits.definitionValues
    if (this.#tooLarge || this.#size <= most) return
    this.#tooLarge = true
    this.#fail(node, pointer, {
      code: 'alias-expansion',
      message: `The definition holds more than ${most} values once its aliases are replaced.`,
      mend: 'Use fewer aliases of large or nested anchors, or $ref, which is not expanded.',
    })
  }

  #fail(
    node: MaybeNode,
    pointer: string,
    fault: Omit<SourceFault, 'offset' | 'pointer'>,
  ): undefined {
    this.faults.push({ ...fault, offset: offsetOf(node), pointer })
  }

  #keyText(node: MaybeNode): string | undefined {
    if (node && yamlPackage().isAlias(node)) {
      const target = this.#anchors.get(node.source)?.node
      return target === undefined || yamlPackage().isAlias(target)
        ? undefined
        : this.#keyText(target)
    }
    if (node === null || node === undefined) return 'null'
    if (!yamlPackage().isScalar(node)) return undefined
    return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
  }

  #membersOf(map: YAMLMap): Map<string, Member> {
    const known = this.#members.get(map)
    if (known !== undefined) return known
    const members = new Map<string, Member>()
    this.#members.set(map, members)
    for (const pair of map.items) {
      const key = pair.key as MaybeNode
      const text = isMergeKey(key) ? undefined : this.#keyText(key)
      if (text !== undefined) {
        members.set(text, { offset: offsetOf(key), value: pair.value as MaybeNode })
      }
    }
    for (const source of this.#mergedMaps(map)) {
      for (const [key, member] of this.#membersOf(source)) {
        if (!members.has(key)) members.set(key, member)
      }
    }
    return members
  }

  #mergedMaps(map: YAMLMap): YAMLMap[] {
    const sources = map.items
      .filter((pair) => isMergeKey(pair.key as MaybeNode))
      .flatMap((pair) =>
        yamlPackage().isSeq(pair.value) ? (pair.value.items as MaybeNode[]) : [pair.value],
      )
    return sources
      .map((node) => (yamlPackage().isAlias(node) ? this.#targets.get(node) : node))
      .filter((node) => yamlPackage().isMap(node))
  }
}

const UNPLAIN = {
  code: 'yaml-tag',
  message: 'This value has no counterpart in JSON.',
  mend: 'Write it as a plain string, number, list or map.',
}
const UNPLAIN_KEY = {
  code: 'yaml-key',
  message: 'A list or map is used as a key.',
  mend: 'Use plain text as the key; quote it when it begins with a brace or bracket.',
}
const UNMERGEABLE = {
  code: 'yaml-merge',
  message: 'A merge key (<<) needs a map or a list of maps.',
  mend: 'Let it refer to the anchor of a map.',
}
const UNKNOWN_ALIAS = {
  code: 'alias-unknown',
  message: 'This alias names an anchor that is not defined above it.',
  mend: 'Define the anchor with & before it is used, or quote the text when a literal * is meant.',
}
const CYCLIC_ALIAS = {
  code: 'alias-cycle',
  message: 'This alias stands inside the value that it names.',
  mend: 'Use $ref for structures that contain themselves.',
}

function isMergeKey(node: MaybeNode): boolean {
  return yamlPackage().isScalar(node) && typeof node.value === 'symbol'
}

function offsetOf(node: MaybeNode): number {
  return node?.range?.[0] ?? 0
}
