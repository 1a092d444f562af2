/**
 * VPC links as the data plane of one worker sees them: which there are, and the way that each leads.
 *
 * The hub is loaded with the first link that agents serve; a gateway without one has neither its code nor its port.
 */

import { assert } from '../../base/assert.ts'
import type { TimerWheel } from '../../base/timer-wheel.ts'
import type { HttpApiStage } from '../../domain/http-api.ts'
import type { LinkDocument } from '../../domain/link.ts'
import type { Origin } from '../../http/client/origin.ts'
import type { OriginAddress } from '../../http/client/origin-pool.ts'
import type { ListenAddress } from '../../http/server/server-context.ts'
import { linkOf, viaOf } from '../../runtime/snapshot/link-way.ts'
import type { TlsMaterial } from '../messages.ts'
import type { WorkerLinks } from './worker-links.ts'

/** Loads and makes the hub. */
export type OpenWorkerLinks = (timers: TimerWheel) => Promise<WorkerLinks>

export class PlaneLinks {
  readonly #open: OpenWorkerLinks | undefined
  readonly #timers: TimerWheel
  #opening: Promise<WorkerLinks> | undefined
  #links: WorkerLinks | undefined
  #live: LinkDocument | undefined
  #prepared: LinkDocument | undefined

  constructor(open: OpenWorkerLinks | undefined, timers: TimerWheel) {
    this.#open = open
    this.#timers = timers
  }

  async load(document: LinkDocument | undefined): Promise<void> {
    if (document?.links.some(({ reach }) => reach === 'AGENT')) await this.#load()
  }

  prepare(document: LinkDocument | undefined): void {
    this.#prepared = document
  }

  /** From now on agents that are revoked, and those of links that are gone, are cut. */
  commit(): void {
    if (this.#live !== this.#prepared) this.#links?.use(this.#prepared)
    this.#live = this.#prepared
  }

  discard(): void {
    this.#prepared = this.#live
  }

  /** See `OriginAddress.via`. Throws OriginUriError where there is no such link. */
  via(stage: HttpApiStage, vpcLinkId: string): string | undefined {
    return viaOf(stage, linkOf(stage, vpcLinkId, this.#prepared))
  }

  /** Undefined: the gateway reaches the address by itself. */
  origin(address: OriginAddress): Origin | undefined {
    const { via } = address
    if (via === undefined) return undefined
    const [vpcLinkId] = via.split(' ')
    const link = this.#prepared?.links.find((each) => each.vpcLinkId === vpcLinkId)
    if (link?.reach === 'DIRECT') return undefined
    assert(this.#links !== undefined, 'load comes before prepare')
    return this.#links.origin(address, via)
  }

  async listen(address: ListenAddress, tls: TlsMaterial): Promise<number> {
    const links = await this.#load()
    return links.listen(address, tls)
  }

  async drain(timeoutMs: number): Promise<void> {
    await this.#links?.drain(timeoutMs)
  }

  destroy(): void {
    this.#links?.destroy()
  }

  async #load(): Promise<WorkerLinks> {
    if (this.#open === undefined) throw new Error('agents of VPC links are not served here')
    this.#opening ??= this.#open(this.#timers)
    if (this.#links === undefined) {
      this.#links = await this.#opening
      this.#links.use(this.#live)
    }
    return this.#links
  }
}
