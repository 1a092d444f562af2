/**
 * Agents of VPC links that were here before the gateway started: until they are back, the gateway is not ready, because
 * calls through their links would wait or fail. None is waited for for long: it may have gone for good.
 */

import type { LinkedAgent } from '../../domain/linked-agent.ts'
import {
  goodCertificates,
  LINK_AGENT,
  type LinkAgentRecord,
} from '../../services/links/link-records.ts'
import type { Reader } from '../../storage/store.ts'

/** Longer than an agent ever waits before it dials again. */
const PATIENCE_MS = 15_000

/** Links of which an agent can come back. */
export async function linksThatHadAgents(reader: Reader, now: Date): Promise<ReadonlySet<string>> {
  const agents = await reader.everywhere<LinkAgentRecord>(LINK_AGENT)
  const able = agents.filter(
    ({ body }) => body.revokedAt === undefined && goodCertificates(body, now).length > 0,
  )
  return new Set(able.map(({ parent }) => parent))
}

export class ReturningAgents {
  readonly #workers: number
  readonly #untilMs: number
  readonly #awaited: Set<string>

  constructor(links: ReadonlySet<string>, workers: number, nowMs: number) {
    this.#awaited = new Set(links)
    this.#workers = workers
    this.#untilMs = nowMs + PATIENCE_MS
  }

  /** Whether every link has had an agent at every worker since the start, or time is up. */
  areBack(connected: readonly LinkedAgent[], nowMs: number): boolean {
    if (this.#awaited.size === 0) return true
    if (nowMs >= this.#untilMs) this.#awaited.clear()
    for (const link of this.#awaited) {
      const workers = new Set<number>()
      for (const { vpcLinkId, worker } of connected) if (vpcLinkId === link) workers.add(worker)
      if (workers.size === this.#workers) this.#awaited.delete(link)
    }
    return this.#awaited.size === 0
  }
}
