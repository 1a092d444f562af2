/** Identifiers as short as API Gateway's, made from content so that the same definition always has the same ones. */

import { createHash } from 'node:crypto'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Ten characters for an API of this title. */
export function apiIdOf(title: string): string {
  return shortHash(`api:${title}`, 10)
}

/** Six characters for this content of a stage. */
export function deploymentIdOf(content: unknown): string {
  return shortHash(`deployment:${JSON.stringify(content)}`, 6)
}

/** Seven characters for a resource of this kind and name, none of `taken`, to which they are added. */
export function resourceIdOf(kind: string, name: string, taken: Set<string>): string {
  for (let attempt = 0; ; attempt++) {
    const id = shortHash(`${kind}:${name}:${attempt}`, 7)
    if (taken.has(id)) continue
    taken.add(id)
    return id
  }
}

function shortHash(text: string, length: number): string {
  const digest = createHash('sha256').update(text).digest()
  return Array.from(digest.subarray(0, length), (byte) => LETTERS[byte % LETTERS.length]).join('')
}
