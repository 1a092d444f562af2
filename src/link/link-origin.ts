/** Who answers requests of one stage to one address behind a link: the allow-list, then the agent with the least to do. */

import type { TimerWheel } from '../base/timer-wheel.ts'
import type { LinkAllowance } from '../domain/link.ts'
import type { Origin } from '../http/client/origin.ts'
import type { LinkedHop, OriginListener, OriginRequest } from '../http/client/origin-request.ts'
import { ResponseHead, ResponseHeadParser } from '../http/message/response-head-parser.ts'
import { type WireError, type WireErrorKind, wireError } from '../http/wire-error.ts'
import { allowancesFor, allowsPath, OF_NO_STAGE } from './allow-list.ts'
import type { LinkAnswer } from './answer-fields.ts'
import type { LinkLimits, LinkTarget } from './contract.ts'
import { HubCall } from './hub-call.ts'
import type { HubConnection } from './hub-connection.ts'
import { requestTerms, targetTerms } from './link-field.ts'
import type { LinkState } from './link-state.ts'

/** Heads that are kept for the next answer. */
const HEADS_KEPT = 256

export class LinkOrigin implements Origin {
  readonly limits: LinkLimits
  readonly timers: TimerWheel
  readonly parser: ResponseHeadParser
  /** Of answers that are complete with their head: they are read in one turn. */
  readonly sharedHead: ResponseHead
  #sharedHeadOf: LinkAnswer | undefined
  readonly #target: LinkTarget
  readonly #state: LinkState
  readonly #secure: boolean
  readonly #targetTerms: string
  readonly #heads: ResponseHead[] = []
  #allow: readonly LinkAllowance[] = []
  #allowOf: readonly LinkAllowance[] | undefined
  #terms = ''
  #responseTimeoutMs = 0
  #idleTimeoutMs = 0

  constructor(target: LinkTarget, state: LinkState, limits: LinkLimits, timers: TimerWheel) {
    this.#target = target
    this.#state = state
    this.limits = limits
    this.timers = timers
    this.parser = new ResponseHeadParser(limits)
    this.sharedHead = new ResponseHead(limits.headerCount)
    this.#secure = target.address.tls !== undefined
    this.#targetTerms = targetTerms(target)
  }

  /** `again`: a call that has been sent before. */
  send(request: OriginRequest, listener: OriginListener, again?: HubCall): HubCall {
    const call = again ?? new HubCall(this, request, listener)
    const refusal = this.#refusal(request)
    if (refusal !== undefined) {
      queueMicrotask(() => call.fail(refusal))
      return call
    }
    const connection = this.#state.pick()
    if (connection === undefined) this.#queue(call)
    else this.dispatch(call, connection)
    return call
  }

  dispatch(call: HubCall, connection: HubConnection): void {
    const { request } = call
    const { responseTimeoutMs, idleTimeoutMs } = request
    // Nearly always the same integration asks.
    if (this.#responseTimeoutMs !== responseTimeoutMs || this.#idleTimeoutMs !== idleTimeoutMs) {
      this.#responseTimeoutMs = responseTimeoutMs
      this.#idleTimeoutMs = idleTimeoutMs
      this.#terms = requestTerms(this.#targetTerms, request)
    }
    call.start(connection, connection.requests.write(request.head, this.#secure, this.#terms))
  }

  forget(call: HubCall): void {
    this.#state.waiting.delete(call)
  }

  /** A call has failed for good. */
  failed(kind: WireErrorKind): void {
    this.#state.failed(kind)
  }

  noAgent(): WireError {
    const { vpcLinkId } = this.#target
    return this.#state.connections.size === 0
      ? wireError('no-agent', 'origin', 'never', `no agent of VPC link ${vpcLinkId} is connected`)
      : wireError(
          'pool-exhausted',
          'gateway',
          'never',
          `the agents of VPC link ${vpcLinkId} are full`,
        )
  }

  hop(connection: HubConnection, attempts: number): LinkedHop {
    const { address, vpcLinkId } = this.#target
    const target = `${address.host}:${address.port}`
    return { vpcLinkId, agent: connection.agentId, target, attempts }
  }

  /** Reads the head of a complete answer into `sharedHead`, unless it stands there; false: the parser refuses it. */
  shareHead(answer: LinkAnswer): boolean {
    if (this.#sharedHeadOf === answer) return true
    const { head } = answer
    const end = this.parser.parse(head, 0, head.length, this.sharedHead)
    this.#sharedHeadOf = end === head.length ? answer : undefined
    return end === head.length
  }

  takeHead(): ResponseHead {
    return this.#heads.pop() ?? new ResponseHead(this.limits.headerCount)
  }

  giveHeadBack(head: ResponseHead): void {
    if (this.#heads.length < HEADS_KEPT) this.#heads.push(head)
  }

  #refusal(request: OriginRequest): WireError | undefined {
    const { link } = this.#state
    const { address, stage } = this.#target
    if (link === undefined || link.reach !== 'AGENT') return this.noAgent()
    if (this.#allowOf !== link.allow) {
      this.#allowOf = link.allow
      const host = address.host.toLowerCase()
      this.#allow = allowancesFor(link.allow, { host, port: address.port, stage })
    }
    const { head } = request
    const from = head.indexOf(' ') + 1
    const path = head.slice(from, head.indexOf(' ', from))
    const isMeant = stage !== OF_NO_STAGE || request.method === 'GET'
    if (isMeant && allowsPath(this.#allow, path)) return undefined
    const asked = `${address.host}:${address.port}${path.split('?', 1)[0]!.slice(0, 200)}`
    const detail = `VPC link ${link.vpcLinkId} does not allow ${asked} to ${stage || 'health checks'}`
    return wireError('not-allowed', 'gateway', 'never', detail)
  }

  #queue(call: HubCall): void {
    const { waiting } = this.#state
    if (waiting.size >= this.limits.waiting || !this.#state.mayComeBack()) {
      const error = this.noAgent()
      queueMicrotask(() => call.fail(error))
      return
    }
    waiting.add(call)
    call.wait(this.limits.connectTimeoutMs)
  }
}
