/**
 * `$ref`, inside the document only. Other files and addresses are never opened: whoever writes a definition must not be
 * able to make the importer read a file or call a host.
 */

import { keysOf, pointerTo } from '../document/json-pointer.ts'
import { isObject, type LocatedValue, memberOf } from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { Finding } from '../document/problem-list.ts'
import type { ImportRun } from './import-run.ts'

/** References that lead to one another, one by one, before a value is reached. */
const HOPS_MAX = 32

/** The text of the value's `$ref`; undefined for anything that is not a reference. */
export function referenceOf(value: unknown): string | undefined {
  if (!isObject(value) || !Object.hasOwn(value, '$ref')) return undefined
  return typeof value['$ref'] === 'string' ? value['$ref'] : undefined
}

export function isLocal(reference: string): boolean {
  return reference.startsWith('#')
}

/** What a local reference names; undefined when there is nothing of that name. */
export function lookUp(root: LocatedValue, reference: string): LocatedValue | undefined {
  const pointer = decodeFragment(reference)
  if (pointer !== '' && !pointer.startsWith('/')) return undefined
  let node: LocatedValue | undefined = root
  for (const key of keysOf(pointer)) {
    node = node && (Array.isArray(node.value) ? itemOf(node, key) : memberOf(node, key))
  }
  return node
}

/**
 * Follows references to a value that is none. Undefined, and told, when that fails. `passed` receives the pointers of
 * everything on the way.
 */
export function resolve(
  run: ImportRun,
  node: LocatedValue,
  passed?: Set<string>,
): LocatedValue | undefined {
  const seen = new Set<string>()
  let current = node
  for (;;) {
    passed?.add(current.pointer)
    const reference = referenceOf(current.value)
    if (reference === undefined) return current
    if (seen.has(reference)) return refuse(run, node, CYCLE)
    if (seen.size === HOPS_MAX) return refuse(run, node, TOO_MANY_HOPS)
    seen.add(reference)
    // The survey has told about references to other files.
    if (!isLocal(reference)) return undefined
    const next = lookUp(run.root, reference)
    if (next === undefined) return refuse(run, current, dangling(reference))
    current = next
  }
}

export function dangling(reference: string): Finding {
  return {
    code: 'reference-dangling',
    message: `${preview(reference)} names nothing in this file.`,
    mend: 'Correct the name, or add what it should name.',
  }
}

export function external(reference: string): Finding {
  return {
    code: 'reference-external',
    message: `${preview(reference)} lies outside this file; only "#/…" is followed.`,
    mend: 'Bundle the definition into one file first, for instance with "redocly bundle".',
  }
}

const CYCLE: Finding = {
  code: 'reference-cycle',
  message: 'These references lead back to themselves.',
  mend: 'Let one of them name a real object.',
}

const TOO_MANY_HOPS: Finding = {
  code: 'reference-chain',
  message: `More than ${HOPS_MAX} references follow one another here.`,
  mend: 'Let the first one name the last object directly.',
}

function refuse(run: ImportRun, node: LocatedValue, finding: Finding): undefined {
  run.problems.error(pointerTo(node.pointer, '$ref'), finding)
}

function itemOf(list: LocatedValue, key: string): LocatedValue | undefined {
  const items = list.value as unknown[]
  if (!/^\d+$/.test(key) || Number(key) >= items.length) return undefined
  return { value: items[Number(key)], pointer: pointerTo(list.pointer, key) }
}

function decodeFragment(reference: string): string {
  const fragment = reference.slice(1)
  if (!fragment.includes('%')) return fragment
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}
