/**
 * VPC links of one worker: the hub that agents connect to, its port, and what the main thread hears of it.
 *
 * Loaded with the first link that agents serve. The document goes live with the snapshot: agents that are revoked are
 * cut in that turn.
 */

import type { Clock } from '../../base/clock.ts'
import { systemRandom } from '../../base/random.ts'
import type { TimerWheel } from '../../base/timer-wheel.ts'
import type { Limits } from '../../domain/limits.ts'
import type { LinkDocument } from '../../domain/link.ts'
import type { Origin } from '../../http/client/origin.ts'
import type { OriginAddress } from '../../http/client/origin-pool.ts'
import type { ListenAddress } from '../../http/server/server-context.ts'
import { WorkerLinkHub } from '../../link/hub.ts'
import { makeLinkServer } from '../../link/link-port.ts'
import type { TlsMaterial } from '../messages.ts'
import { LinkAsker } from './link-asker.ts'
import { linkLimits } from './link-limits.ts'
import type { LinkAnswer, LinkAsk, LinkedAgents } from './link-messages.ts'

const REPORT_MS = 1_000

export interface WorkerLinksParts {
  readonly timers: TimerWheel
  readonly clock: Clock
  readonly limits: Limits
  readonly worker: number
  readonly workers: number
  readonly gatewayId: string
  readonly post: (report: LinkAsk | LinkedAgents) => void
}

export class WorkerLinks {
  readonly #parts: WorkerLinksParts
  readonly #hub: WorkerLinkHub
  readonly #asker: LinkAsker
  readonly #servers: ReturnType<typeof makeLinkServer>[] = []
  readonly #reporting: NodeJS.Timeout
  /** Of the last report: a sum of all that was in it. */
  #reported = -1

  constructor(parts: WorkerLinksParts) {
    const { timers, clock, limits, worker, workers, gatewayId, post } = parts
    this.#parts = parts
    this.#asker = new LinkAsker(worker, post)
    this.#hub = new WorkerLinkHub({
      ...{ timers, clock, worker, workers, gatewayId, random: systemRandom },
      limits: linkLimits(limits),
      issuer: this.#asker,
    })
    this.#reporting = setInterval(() => this.#report(), REPORT_MS).unref()
  }

  use(document: LinkDocument | undefined): void {
    this.#hub.useDocument(document)
  }

  /** `via` as in `OriginAddress`. */
  origin(address: OriginAddress, via: string): Origin {
    const [vpcLinkId = '', stage = ''] = via.split(' ')
    return this.#hub.origin({ vpcLinkId, address, stage })
  }

  listen(address: ListenAddress, tls: TlsMaterial): Promise<number> {
    const { certificate, privateKey, authority = '' } = tls
    const chain = certificate + authority
    const server = makeLinkServer(this.#hub, { chain, privateKey, authority })
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(address, () => {
        server.off('error', reject)
        this.#servers.push(server)
        const bound = server.address()
        resolve(typeof bound === 'object' && bound !== null ? bound.port : address.port)
      })
    })
  }

  answered(answer: LinkAnswer): void {
    this.#asker.receive(answer)
  }

  /** After the calls have ended: their streams go through it. */
  async drain(timeoutMs: number): Promise<void> {
    for (const server of this.#servers) server.close()
    await this.#hub.drain(timeoutMs)
    clearInterval(this.#reporting)
  }

  destroy(): void {
    clearInterval(this.#reporting)
    for (const server of this.#servers) server.close()
    void this.#hub.drain(0)
  }

  /** Nothing is said while there is nothing to say. */
  #report(): void {
    const { worker, post } = this.#parts
    const agents = this.#hub.figures().map((agent) => ({ ...agent, worker }))
    const totals = this.#hub.totals()
    let sum = agents.length + totals.size
    for (const one of totals.values()) for (const count of Object.values(one)) sum += count
    if (agents.length > 0 || sum !== this.#reported) {
      post({ kind: 'linked-agents', worker, agents, totals })
    }
    this.#reported = sum
  }
}
