// hot path — see STYLE §8
/**
 * Decides whether a call is traced, by the first rule that fits it. The reservoirs of all rules lie in memory that the
 * workers share, so that "one call a second" is one of the whole program.
 */

import type { SamplingRule } from './sampling-rules.ts'
import { matchesWildcards } from './wildcards.ts'

/** What a rule looks at. */
export interface SampledCall {
  readonly host: string
  readonly method: string
  readonly path: string
}

/** A cell of a reservoir: the second in the upper half, the calls that it has let through in the lower. */
const SECOND_SHIFT = 16
const COUNT_MASK = 0xffff

export function reservoirBytes(rules: number): number {
  return rules * Int32Array.BYTES_PER_ELEMENT
}

/** The rules that may fit calls of one stage. */
export class StageSampler {
  readonly #rules: readonly SamplingRule[]
  /** Place of each rule's cell. */
  readonly #cellOf: readonly number[]
  readonly #cells: Int32Array

  constructor(service: string, rules: readonly SamplingRule[], cells: Int32Array) {
    const fitting = rules.map((rule, cell) => ({ rule, cell }))
    const own = fitting.filter(({ rule }) => matchesWildcards(rule.service, service, false))
    this.#rules = own.map(({ rule }) => rule)
    this.#cellOf = own.map(({ cell }) => cell)
    this.#cells = cells
  }

  /** `random` is from 0 to 1, without 1. */
  samples(call: SampledCall, epochMs: number, random: number): boolean {
    for (let i = 0; i < this.#rules.length; i++) {
      const rule = this.#rules[i]!
      if (!fits(rule, call)) continue
      if (rule.fixedTarget > 0 && this.#takes(this.#cellOf[i]!, rule.fixedTarget, epochMs))
        return true
      return random < rule.rate
    }
    return false
  }

  #takes(cell: number, target: number, epochMs: number): boolean {
    const second = Math.floor(epochMs / 1_000) & COUNT_MASK
    for (;;) {
      const before = Atomics.load(this.#cells, cell)
      const used = before >>> SECOND_SHIFT === second ? before & COUNT_MASK : 0
      if (used >= target) return false
      const after = (second << SECOND_SHIFT) | (used + 1)
      if (Atomics.compareExchange(this.#cells, cell, before, after) === before) return true
    }
  }
}

function fits(rule: SamplingRule, { host, method, path }: SampledCall): boolean {
  return (
    (rule.host === '*' || matchesWildcards(rule.host, host, false)) &&
    (rule.method === '*' || matchesWildcards(rule.method, method, false)) &&
    (rule.path === '*' || matchesWildcards(rule.path, path, true))
  )
}
