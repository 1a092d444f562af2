/**
 * A network for the two ends of links, in memory and by a clock that the test moves: bytes come late, connections die,
 * are cut in half, or are lost without a word.
 */

import type { Clock } from '../../src/base/clock.ts'
import type { Random } from '../../src/base/random.ts'
import { TimerWheel } from '../../src/base/timer-wheel.ts'
import type { Link, LinkAllowance } from '../../src/domain/link.ts'
import { RunningLinkAgent } from '../../src/link/agent.ts'
import type {
  LinkAgentOptions,
  LinkHubOptions,
  LinkIdentity,
  LinkLimits,
} from '../../src/link/contract.ts'
import type { Dial } from '../../src/link/gateway-dialler.ts'
import { WorkerLinkHub } from '../../src/link/hub.ts'
import type { LinkTransport, TransportListener } from '../../src/link/transport.ts'
import { linkLimits } from './link-limits.ts'

/** mulberry32: the same numbers for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

class FakeClock implements Clock {
  ms = 1_000
  now(): number {
    return this.ms
  }
  epochMs(): number {
    return Date.UTC(2026, 0, 1) + this.ms
  }
}

/** One end of a connection. */
export class FakeTransport implements LinkTransport {
  other!: FakeTransport
  listener: TransportListener | undefined
  congested = false
  /** Bytes go nowhere, and nobody is told: half-open. */
  blackHole = false
  closed = false
  readonly #network: FakeNetwork
  #ended = false

  constructor(network: FakeNetwork) {
    this.#network = network
  }

  write(bytes: Buffer): void {
    if (this.closed || this.#ended || this.blackHole) return
    const copy = Buffer.from(bytes)
    this.#network.later(() => this.other.take(copy))
  }

  end(): void {
    if (this.closed || this.#ended) return
    this.#ended = true
    if (!this.blackHole) this.#network.later(() => this.other.close('ended by the peer'))
    this.#network.later(() => this.close('ended'))
  }

  destroy(): void {
    if (!this.blackHole) this.#network.later(() => this.other.close('reset by the peer'))
    this.#network.later(() => this.close('destroyed'))
  }

  take(bytes: Buffer): void {
    if (this.closed || this.blackHole) return
    // In pieces, as TLS records come.
    for (let at = 0; at < bytes.length; at += 16_384) {
      this.listener?.onBytes(bytes.subarray(at, at + 16_384))
    }
  }

  close(detail: string): void {
    if (this.closed) return
    this.closed = true
    this.listener?.onClosed(detail)
  }
}

interface Event {
  readonly atMs: number
  readonly run: () => void
}

export class FakeNetwork {
  readonly clock = new FakeClock()
  readonly timers = new TimerWheel(this.clock, 20)
  /** Both ends of every connection, the hub's first. */
  readonly pairs: [FakeTransport, FakeTransport][] = []
  readonly log: string[] = []
  delayMs = 1
  /** Dials fail. */
  down = false
  #events: Event[] = []

  later(run: () => void, delayMs = this.delayMs): void {
    // What was sent first comes first: a connection keeps its order whatever the delay is.
    const atMs = Math.max(this.clock.ms + delayMs, this.#events.at(-1)?.atMs ?? 0)
    this.#events.push({ atMs, run })
  }

  /** Lets time pass in steps; what happens in between happens in order. */
  async pass(ms: number, stepMs = 5): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.ms += stepMs
      for (;;) {
        const [event] = this.#events
        if (event === undefined || event.atMs > this.clock.ms) break
        this.#events.shift()
        event.run()
      }
      this.timers.advance()
      await new Promise(setImmediate)
    }
  }

  async until(holds: () => boolean, mostMs = 20_000): Promise<void> {
    for (let passed = 0; passed < mostMs; passed += 5) {
      if (holds()) return
      await this.pass(5)
    }
    throw new Error(`it did not come to pass within ${mostMs} ms\n${this.log.join('\n')}`)
  }

  pair(): [FakeTransport, FakeTransport] {
    const ends: [FakeTransport, FakeTransport] = [new FakeTransport(this), new FakeTransport(this)]
    ends[0].other = ends[1]
    ends[1].other = ends[0]
    this.pairs.push(ends)
    return ends
  }
}

export const LINK_ID = 'link1'
export const STAGE = 'api1/prod'

export function linkOf(allow: readonly LinkAllowance[], vpcLinkId = LINK_ID): Link {
  return {
    vpcLinkId,
    name: vpcLinkId,
    accountId: '000000000000',
    region: 'eu-central-1',
    reach: 'AGENT',
    allow,
    revokedAgents: [],
    hasAgents: false,
  }
}

export function hubOn(network: FakeNetwork, options: Partial<LinkHubOptions> = {}): WorkerLinkHub {
  const refuse = (): Promise<never> => Promise.reject(new Error('no issuer here'))
  return new WorkerLinkHub({
    timers: network.timers,
    clock: network.clock,
    random: seededRandom(1),
    limits: linkLimits({ connectTimeoutMs: 3_000 }),
    issuer: { enrol: refuse, renew: refuse },
    gatewayId: 'gateway1',
    worker: 0,
    workers: 1,
    ...options,
  })
}

interface FakeAgent {
  readonly agentId: string
  readonly identity: LinkIdentity
  readonly seed?: number
  readonly limits?: LinkLimits
  readonly allow?: LinkAgentOptions['allow']
  readonly label?: string
}

/** An agent that dials one of the hubs, by chance. */
export function agentOn(
  network: FakeNetwork,
  hubs: readonly WorkerLinkHub[],
  { agentId, identity, seed = 1, limits = linkLimits(), allow, label = agentId }: FakeAgent,
): RunningLinkAgent {
  const random = seededRandom(seed)
  const dial = (agent: RunningLinkAgent): Dial => {
    return (_gateway, dialler) =>
      network.later(() => {
        if (network.down) {
          dialler.failed('refused')
          return
        }
        const [hubEnd, agentEnd] = network.pair()
        const hub = hubs[Math.floor(random() * hubs.length)]!
        agentEnd.listener = agent.opened(agentEnd, dialler).transportListener
        const connection = hub.connect(hubEnd, {
          agentId,
          vpcLinkId: identity.vpcLinkId,
          serialNumber: `serial-${agentId}`,
          notAfterEpochMs: network.clock.epochMs() + 86_400_000,
          remoteAddress: '192.0.2.1',
        })
        if (connection !== undefined) hubEnd.listener = connection.transportListener
      })
  }
  return new RunningLinkAgent(
    {
      gateways: [{ host: 'gateway', port: 1 }],
      identity,
      onIdentity: () => {},
      makeSigningRequest: () => '',
      allow,
      targetTls: {},
      label,
      version: '1.0.0',
      timers: network.timers,
      clock: network.clock,
      random,
      limits,
      log: (line) => network.log.push(line),
    },
    { dial },
  )
}
