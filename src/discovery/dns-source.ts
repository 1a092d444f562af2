/**
 * Targets from DNS: addresses of a name, or the hosts and ports of its SRV records.
 *
 * The next question comes when the shortest time to live of the answer is over, between a second and five minutes. Node
 * tells no time to live of SRV records: they are asked for again when the addresses of their hosts are, and after thirty
 * seconds at the latest. Of SRV records only those with the lowest priority count; a weight of 0 is the least there is.
 * An answer without records is a failure, not an empty group: a name server that has lost its zone must not take a
 * service away.
 * https://www.rfc-editor.org/rfc/rfc2782
 */

import type { RecordWithTtl, SrvRecord } from 'node:dns'
import type { Random } from '../base/random.ts'
import type { DiscoverySource } from '../domain/discovery-source.ts'
import type { Target } from '../domain/target-group.ts'
import { backoffMs } from './backoff.ts'
import {
  type After,
  type SourceListener,
  sortedTargets,
  type TargetSource,
} from './target-source.ts'

/** Of `node:dns/promises`. */
export interface DnsResolver {
  resolve4(name: string, options: { readonly ttl: true }): Promise<RecordWithTtl[]>
  resolve6(name: string, options: { readonly ttl: true }): Promise<RecordWithTtl[]>
  resolveSrv(name: string): Promise<SrvRecord[]>
  cancel(): void
}

export interface DnsSourceParts {
  readonly source: Extract<DiscoverySource, { kind: 'dns' }>
  readonly resolver: DnsResolver
  readonly after: After
  readonly random: Random
  /** More hosts of SRV records are not asked for. */
  readonly targetsMax: number
}

interface Answer {
  readonly targets: readonly Target[]
  readonly ttlSeconds: number
}

const TTL_LEAST_SECONDS = 1
const TTL_MOST_SECONDS = 300
const SRV_SECONDS = 30

export class DnsSource implements TargetSource {
  readonly #parts: DnsSourceParts
  #listener: SourceListener | undefined
  #failures = 0
  #cancel: () => void = () => {}

  constructor(parts: DnsSourceParts) {
    this.#parts = parts
  }

  start(listener: SourceListener): void {
    this.#listener = listener
    void this.#ask()
  }

  stop(): void {
    this.#listener = undefined
    this.#cancel()
    this.#parts.resolver.cancel()
  }

  async #ask(): Promise<void> {
    const { random, after } = this.#parts
    let delayMs: number
    try {
      const { targets, ttlSeconds } = await this.#answer()
      this.#failures = 0
      delayMs = Math.min(Math.max(ttlSeconds, TTL_LEAST_SECONDS), TTL_MOST_SECONDS) * 1_000
      this.#listener?.found(sortedTargets(targets))
    } catch (thrown) {
      delayMs = backoffMs(this.#failures++, random)
      this.#listener?.failed(reasonOf(thrown, this.#parts.source))
    }
    if (this.#listener !== undefined) this.#cancel = after(delayMs, () => void this.#ask())
  }

  #answer(): Promise<Answer> {
    const { source } = this.#parts
    return source.type === 'SRV' ? this.#services(source.name) : this.#addresses(source)
  }

  async #addresses({
    type,
    name,
    port,
  }: {
    readonly type: 'A' | 'AAAA'
    readonly name: string
    readonly port: number
  }): Promise<Answer> {
    const { resolver } = this.#parts
    const records =
      type === 'A'
        ? await resolver.resolve4(name, { ttl: true })
        : await resolver.resolve6(name, { ttl: true })
    return answerOf(records, { port, weight: 1 })
  }

  async #services(name: string): Promise<Answer> {
    const { resolver, targetsMax } = this.#parts
    const records = await resolver.resolveSrv(name)
    const priority = Math.min(...records.map((record) => record.priority))
    const first = records.filter((record) => record.priority === priority).slice(0, targetsMax)
    const answers = await Promise.all(first.map((record) => this.#host(record)))
    const known = answers.filter((answer) => answer !== undefined)
    // One host that cannot be found is left out; if there is none left, nothing has been found.
    if (known.length === 0) throw new Error('no host of its records has an address')
    return {
      targets: known.flatMap(({ targets }) => targets),
      ttlSeconds: Math.min(SRV_SECONDS, ...known.map(({ ttlSeconds }) => ttlSeconds)),
    }
  }

  async #host({ name, port, weight }: SrvRecord): Promise<Answer | undefined> {
    const { resolver } = this.#parts
    const shape = { port, weight: Math.max(weight, 1) }
    try {
      return answerOf(await resolver.resolve4(name, { ttl: true }), shape)
    } catch {
      try {
        return answerOf(await resolver.resolve6(name, { ttl: true }), shape)
      } catch {
        return undefined
      }
    }
  }
}

function answerOf(
  records: readonly RecordWithTtl[],
  { port, weight }: Pick<Target, 'port' | 'weight'>,
): Answer {
  if (records.length === 0) throw new Error('the answer has no records')
  return {
    targets: records.map(({ address }) => ({ host: address, port, weight, draining: false })),
    ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)),
  }
}

function reasonOf(thrown: unknown, { type, name }: DnsSourceParts['source']): string {
  const { code, message } = thrown as NodeJS.ErrnoException
  return `${type} records of ${name}: ${code ?? message}`
}
