/**
 * Numbers for stages at their revisions, so that a record of a call can name in one integer what it ran by.
 *
 * A number is given once. Stages that are served, and the last ones that were, can be looked up by it.
 */

import type { HttpApiStage } from '../../domain/http-api.ts'

/** Documents that are kept besides those of the latest deployment. */
const OLD_STAGES_MAX = 64

export class StageNumbers {
  readonly #numbers = new Map<string, number>()
  readonly #stages = new Map<number, HttpApiStage>()
  /** How many of the newest are of the deployment that is being put together or served. */
  #asked = new Set<string>()
  #last = 0

  numberOf(stage: HttpApiStage): number {
    const { accountId, apiId, stageName, revision } = stage
    const key = `${accountId} ${apiId} ${stageName} ${revision}`
    const number = this.#numbers.get(key) ?? ++this.#last
    // Anew at the end of both, which is where the oldest are not.
    this.#numbers.delete(key)
    this.#numbers.set(key, number)
    this.#stages.delete(number)
    this.#stages.set(number, stage)
    this.#asked.add(key)
    return number
  }

  /** A deployment has all its numbers: what is old enough is forgotten. */
  settle(): void {
    const countMax = this.#asked.size + OLD_STAGES_MAX
    this.#asked = new Set()
    for (const [key, number] of this.#numbers) {
      if (this.#numbers.size <= countMax) return
      this.#numbers.delete(key)
      this.#stages.delete(number)
    }
  }

  stageOf(number: number): HttpApiStage | undefined {
    return this.#stages.get(number)
  }

  /** The revision of that stage which was asked for last. */
  latestRevision({ accountId, apiId, stageName }: HttpApiStage): number | undefined {
    let latest: number | undefined
    for (const stage of this.#stages.values()) {
      if (stage.apiId !== apiId || stage.stageName !== stageName) continue
      if (stage.accountId === accountId) latest = Math.max(latest ?? 0, stage.revision)
    }
    return latest
  }
}
