// hot path — see STYLE §8
/**
 * One request through a load balancer: it stands between the integration and the call to a target, and finds another
 * target where that is safe.
 *
 * A request goes to another target when it has reached nobody (connection refused, not in time, TLS failed), whatever its
 * method; or when its connection died before a byte of the answer, if its method is idempotent (RFC 9110 §9.2.2) and the
 * group's budget allows it. Never once bytes of a streamed body or of the answer have passed. Each target is tried once.
 */

import type { OriginExchange } from '../http/client/origin.ts'
import type { BalancedHop, OriginListener, OriginRequest } from '../http/client/origin-request.ts'
import type { ResponseHead } from '../http/message/response-head-parser.ts'
import { type WireError, wireError } from '../http/wire-error.ts'
import type { Forward, ListenerOrigin } from './listener-origin.ts'
import type { RequestView } from './request-view.ts'
import { cookiePair, GROUP_COOKIE, targetCookie, wantedTarget } from './stickiness.ts'
import { FIGURE } from './target-cells.ts'
import type { BalancedTarget, TargetCall } from './target-group.ts'

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
/** Nothing of the request has reached anybody. */
const UNSENT = new Set<WireError['kind']>([
  'connect-refused',
  'connect-timeout',
  'name-not-resolved',
  'tls-handshake',
  'pool-exhausted',
])
const CUT = 'the target was taken away, and its deregistration delay is over'
/** Targets that one request may come to. */
const TARGETS_TRIED_MAX = 3

export class BalancedCall implements OriginExchange, OriginListener, BalancedHop, TargetCall {
  readonly request: OriginRequest
  readonly #listener: OriginListener
  readonly #balancer: ListenerOrigin
  readonly #forward: Forward
  /** Undefined: nothing of the request has to be looked at. */
  readonly #view: RequestView | undefined
  #target: BalancedTarget | undefined = undefined
  /** The target counts the call as under way. */
  #entered = false
  #call: OriginExchange | undefined = undefined
  /** Those that did not get it; undefined: the first did. */
  #tried: BalancedTarget[] | undefined = undefined
  #bodyStarted = false
  #answered = false
  #ended = false
  #sending = false
  attempts = 0
  next: TargetCall | undefined = undefined
  previous: TargetCall | undefined = undefined

  constructor(
    balancer: ListenerOrigin,
    forward: Forward,
    request: OriginRequest,
    { listener, view }: BalancedFor,
  ) {
    this.#balancer = balancer
    this.#forward = forward
    this.request = request
    this.#listener = listener
    this.#view = view
  }

  /** To the first target. */
  start(): void {
    this.#forward.group.budget.deposit()
    const { caller } = this.request
    if (caller !== undefined) caller.balanced = this
    if (!this.#send(this.request)) queueMicrotask(() => this.#end(this.#noTarget()))
  }

  // What explain tells.

  get listener(): string {
    return this.#balancer.listenerArn
  }
  get rule(): string {
    return this.#forward.ruleArn
  }
  get targetGroup(): string {
    return this.#forward.group.arn
  }
  get target(): string {
    return this.#target === undefined ? '' : nameOf(this.#target)
  }
  get skipped(): string {
    return this.#tried === undefined ? '' : this.#tried.map(nameOf).join(', ')
  }

  // What the integration does.

  get bodyStarted(): boolean {
    return this.#bodyStarted
  }
  set bodyStarted(started: boolean) {
    this.#bodyStarted = started
    if (this.#call !== undefined) this.#call.bodyStarted = started
  }

  get canWrite(): boolean {
    return this.#call?.canWrite === true
  }

  writeBody(chunk: Uint8Array): boolean {
    this.#bodyStarted = true
    return this.#call === undefined ? this.#ended : this.#call.writeBody(chunk)
  }

  endBody(): void {
    this.#call?.endBody()
  }

  pauseResponse(): void {
    this.#call?.pauseResponse()
  }

  resumeResponse(): void {
    this.#call?.resumeResponse()
  }

  abort(): void {
    if (this.#ended) return
    this.#ended = true
    this.#leave()
    this.#call?.abort()
  }

  cut(): void {
    const call = this.#call
    this.#end(wireError('closed', 'origin', 'never', CUT))
    call?.abort()
  }

  // What the target's side says.

  onShortResponse(head: ResponseHead, body: string): void {
    this.#arrived(head)
    this.#done()
    if (this.#listener.onShortResponse !== undefined) this.#listener.onShortResponse(head, body)
    else this.#listener.onResponse(head, Buffer.from(body, 'latin1'), true)
  }

  onResponse(head: ResponseHead, body: Buffer, complete: boolean): void {
    this.#arrived(head)
    if (complete) this.#done()
    this.#listener.onResponse(head, body, complete)
  }

  onResponseData(chunk: Buffer): void {
    if (!this.#ended) this.#listener.onResponseData(chunk)
  }

  onResponseEnd(): void {
    this.#done()
    this.#listener.onResponseEnd()
  }

  onRequestDrain(): void {
    // While the call is being made its handle is not there yet; whoever made it looks whether it can write.
    if (!this.#sending && !this.#ended) this.#listener.onRequestDrain()
  }

  onOriginError(error: WireError): void {
    if (this.#ended) return
    const target = this.#target!
    if (error.side === 'origin') {
      this.#balancer.table.count(target.row, FIGURE.connectionErrors)
      this.#forward.group.failed(target)
    }
    this.#leave()
    if (!this.#mayGoElsewhere(error) || !this.#goElsewhere(target)) this.#end(error)
  }

  #send(request: OriginRequest): boolean {
    const { group } = this.#forward
    const target = group.enter(
      this.#view === undefined ? '' : wantedTarget(group.group, this.#view),
    )
    if (target === undefined) return false
    this.#target = target
    this.#entered = true
    target.link(this)
    this.attempts++
    this.#balancer.table.count(target.row, FIGURE.requests)
    this.#call = undefined
    this.#sending = true
    this.#call = target.origin.send(request, this)
    this.#sending = false
    return true
  }

  #mayGoElsewhere(error: WireError): boolean {
    if (this.#answered || this.#bodyStarted || this.attempts >= TARGETS_TRIED_MAX) return false
    if (UNSENT.has(error.kind)) return true
    if (error.retry === 'never' || !IDEMPOTENT.has(this.request.method)) return false
    return this.#forward.group.budget.withdraw()
  }

  /** With what is left of its time. */
  #goElsewhere(from: BalancedTarget): boolean {
    const { caller, responseTimeoutMs, streamedBodyBytes } = this.request
    const now = this.#balancer.now()
    const leftMs = responseTimeoutMs - (now - (caller?.integrationStartedMs ?? now))
    if (leftMs < 1) return false
    this.#tried ??= []
    this.#tried.push(from)
    for (const target of this.#tried) target.tried = true
    const sent = this.#send({ ...this.request, responseTimeoutMs: leftMs })
    for (const target of this.#tried) target.tried = false
    if (!sent) return false
    this.#balancer.table.count(from.row, FIGURE.retries)
    // Whoever began the call has its handle already, and missed that this one can be written to.
    if (streamedBodyBytes !== undefined && this.canWrite) this.#listener.onRequestDrain()
    return true
  }

  #arrived(head: ResponseHead): void {
    this.#answered = true
    const target = this.#target!
    const { status } = head
    const { table } = this.#balancer
    table.count(target.row, figureOf(status))
    if (status >= 500) this.#forward.group.failed(target)
    else this.#forward.group.succeeded(target)
    if (this.#view !== undefined) this.#stick(head, target)
  }

  #stick(head: ResponseHead, target: BalancedTarget): void {
    const { caller } = this.request
    if (caller === undefined) return
    const { stickyMs, group, groupId } = this.#forward
    if (stickyMs > 0) caller.replyHeaders += cookiePair(GROUP_COOKIE, groupId, stickyMs)
    caller.replyHeaders += targetCookie(group.group, target.id, head)
  }

  #done(): void {
    this.#ended = true
    this.#leave()
  }

  #end(error: WireError): void {
    if (this.#ended) return
    this.#done()
    this.#listener.onOriginError(error)
  }

  #leave(): void {
    if (!this.#entered) return
    this.#entered = false
    this.#target!.unlink(this)
    this.#balancer.table.leave(this.#target!.row)
  }

  #noTarget(): WireError {
    const { group } = this.#forward
    return group.hasCandidates
      ? wireError(
          'targets-busy',
          'gateway',
          'never',
          `every target of ${group.group.name} has as many calls under way as it may`,
        )
      : wireError('no-target', 'gateway', 'never', group.describe())
  }
}

/** Who waits for the answer, and what of the request decides. */
export interface BalancedFor {
  readonly listener: OriginListener
  readonly view: RequestView | undefined
}

function figureOf(status: number): number {
  if (status >= 500) return FIGURE.status5xx
  if (status >= 400) return FIGURE.status4xx
  return status >= 300 ? FIGURE.status3xx : FIGURE.status2xx
}

function nameOf({ host, port }: BalancedTarget): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
