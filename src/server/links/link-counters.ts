/**
 * Counters of VPC links over all workers. Workers report once a second what they have counted since they began; what a
 * dead one had counted stays in the sum, but for its last second. A link that no worker knows any more is forgotten.
 */

import { addTotals, type CountedLink, type LinkTotals, noTotals } from '../../domain/link-totals.ts'

export type TotalsOfLinks = ReadonlyMap<string, LinkTotals>

export class LinkCounters {
  readonly #living = new Map<number, TotalsOfLinks>()
  readonly #dead = new Map<string, CountedLink>()

  receive(worker: number, totals: TotalsOfLinks): void {
    this.#living.set(worker, totals)
    // Every worker knows the same links, in the same revision or the next.
    for (const link of this.#dead.keys()) if (!totals.has(link)) this.#dead.delete(link)
  }

  /** The worker is gone; the next one in its place begins with nothing. */
  forget(worker: number): void {
    for (const [link, totals] of this.#living.get(worker) ?? []) addTo(this.#dead, link, totals)
    this.#living.delete(worker)
  }

  sums(): TotalsOfLinks {
    const sums = new Map<string, CountedLink>()
    for (const one of [this.#dead, ...this.#living.values()]) {
      for (const [link, totals] of one) addTo(sums, link, totals)
    }
    return sums
  }
}

function addTo(sums: Map<string, CountedLink>, link: string, totals: LinkTotals): void {
  const sum = sums.get(link) ?? noTotals()
  addTotals(sum, totals)
  sums.set(link, sum)
}
