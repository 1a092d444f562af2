// hot path — see STYLE §8
/**
 * Verdicts by the whole text of their token, bounded in number and bytes.
 *
 * Two generations: what is asked for moves to the young one; when that is full, it becomes the old one and what was
 * old and has not been asked for since is forgotten. So a lookup is one or two reads of a map and writes nothing for
 * tokens in use, and a full cache costs nothing more than one that is not.
 */

import { flatText } from '../../../base/flat-text.ts'
import type { Verdict } from './verdict.ts'

export interface VerdictCacheLimits {
  /** Of both generations together. */
  readonly count: number
  readonly bytes: number
}

interface Entry {
  readonly token: string
  readonly verdict: Verdict
}

/** Beside its token: the entry of the map, the objects, and the claims, which are about as long as their text. */
const ENTRY_BYTES = 400
const BYTES_PER_CHARACTER = 3
/**
 * Entries are found by the end of the token, which is its signature, and then compared as a whole: to hash all of a
 * token of 757 characters costs more than everything else here. A hit: 1150 → 235 ns, bench/verdict-cache.ts, Node 24.21.
 */
const TAIL_CHARACTERS = 40

export class VerdictCache {
  readonly #countMax: number
  readonly #bytesMax: number
  #young = new Map<string, Entry>()
  #old = new Map<string, Entry>()
  /** Of the young generation. */
  #bytes = 0

  constructor(limits: VerdictCacheLimits) {
    this.#countMax = limits.count / 2
    this.#bytesMax = limits.bytes / 2
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(token: string): Verdict | undefined {
    const tail = tailOf(token)
    const entry = this.#young.get(tail)
    if (entry === undefined) return this.#fromOld(tail, token)
    return entry.token === token ? entry.verdict : undefined
  }

  /** Takes the place of a token with the same end, which no two good ones have. */
  set(token: string, verdict: Verdict): void {
    const tail = tailOf(token)
    const before = this.#young.get(tail)
    if (before !== undefined) {
      this.#young.delete(tail)
      this.#bytes -= bytesOf(before.token)
    }
    this.#old.delete(tail)
    // Slices of a request head would keep all of it in memory.
    this.#put(flatText(tail), { token: flatText(token), verdict })
  }

  #fromOld(tail: string, token: string): Verdict | undefined {
    const entry = this.#old.get(tail)
    if (entry === undefined || entry.token !== token) return undefined
    this.set(token, entry.verdict)
    return entry.verdict
  }

  #put(tail: string, entry: Entry): void {
    const bytes = bytesOf(entry.token)
    if (this.#young.size + 1 > this.#countMax || this.#bytes + bytes > this.#bytesMax) {
      this.#old = this.#young
      this.#young = new Map()
      this.#bytes = 0
    }
    if (this.#countMax < 1 || bytes > this.#bytesMax) return
    this.#young.set(tail, entry)
    this.#bytes += bytes
  }
}

function tailOf(token: string): string {
  return token.length > TAIL_CHARACTERS ? token.slice(-TAIL_CHARACTERS) : token
}

function bytesOf(token: string): number {
  return ENTRY_BYTES + BYTES_PER_CHARACTER * token.length
}
