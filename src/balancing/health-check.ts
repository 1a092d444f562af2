/**
 * One look at one target: a request over HTTP(S) whose status has to match, or a connection over TCP. What a check needs
 * is its own: no connection that calls of clients keep open, so that a target which accepts no new ones is seen.
 */

import net from 'node:net'
import { Timer, type TimerWheel } from '../base/timer-wheel.ts'
import type { HealthCheck, Target } from '../domain/target-group.ts'
import type { Origin, OriginExchange } from '../http/client/origin.ts'
import type { OriginListener } from '../http/client/origin-request.ts'
import type { ResponseHead } from '../http/message/response-head-parser.ts'
import type { WireError } from '../http/wire-error.ts'
import type { StatusMatcher } from './status-matcher.ts'
import type { HealthReason } from './target-cells.ts'

export interface Verdict {
  readonly isHealthy: boolean
  readonly reason: HealthReason
  /** Status of the answer; 0: there was none. */
  readonly status: number
}

export interface CheckParts {
  readonly check: HealthCheck
  readonly matches: StatusMatcher
  readonly timers: TimerWheel
  /** Where checks over HTTP go, and all checks through a link; undefined: a TCP connection is made. */
  readonly origin: Origin | undefined
}

const WELL: Verdict = { isHealthy: true, reason: '', status: 0 }
const TIMED_OUT: Verdict = { isHealthy: false, reason: 'Target.Timeout', status: 0 }
const FAILED: Verdict = { isHealthy: false, reason: 'Target.FailedHealthChecks', status: 0 }

/** Tells the verdict once, in a later turn. Returns how to give the check up. */
export function checkTarget(
  target: Pick<Target, 'host' | 'port'>,
  parts: CheckParts,
  tell: (verdict: Verdict) => void,
): () => void {
  if (parts.origin === undefined) return connect(target, parts, tell)
  const look = new HttpLook(parts, tell)
  look.begin(parts.origin, headOf(target, parts.check))
  return () => look.giveUp()
}

function headOf({ host, port }: Pick<Target, 'host' | 'port'>, check: HealthCheck): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `GET ${check.path} HTTP/1.1\r\nhost: ${name}:${check.port ?? port}\r\nuser-agent: ELB-HealthChecker/2.0\r\naccept-encoding: identity\r\nconnection: close\r\n\r\n`
}

/** Its status is all that is read. */
class HttpLook implements OriginListener {
  readonly #parts: CheckParts
  readonly #tell: (verdict: Verdict) => void
  #call: OriginExchange | undefined
  #over = false

  constructor(parts: CheckParts, tell: (verdict: Verdict) => void) {
    this.#parts = parts
    this.#tell = tell
  }

  begin(origin: Origin, head: string): void {
    const { timeoutMs } = this.#parts.check
    this.#call = origin.send(
      {
        ...{ method: 'GET', head, body: undefined, streamedBodyBytes: undefined },
        ...{ responseTimeoutMs: timeoutMs, idleTimeoutMs: timeoutMs },
      },
      this,
    )
  }

  giveUp(): void {
    this.#over = true
    this.#call?.abort()
  }

  onResponse({ status }: ResponseHead): void {
    const { check, matches } = this.#parts
    const isHealthy = check.protocol === 'TCP' || matches(status)
    this.#end({ isHealthy, reason: isHealthy ? '' : 'Target.ResponseCodeMismatch', status })
  }
  onResponseData(): void {}
  onResponseEnd(): void {}
  onRequestDrain(): void {}

  onOriginError({ kind }: WireError): void {
    this.#end(kind === 'response-timeout' || kind === 'connect-timeout' ? TIMED_OUT : FAILED)
  }

  #end(verdict: Verdict): void {
    if (this.#over) return
    this.giveUp()
    this.#tell(verdict)
  }
}

function connect(
  { host, port }: Pick<Target, 'host' | 'port'>,
  { check, timers }: CheckParts,
  tell: (verdict: Verdict) => void,
): () => void {
  const socket = net.connect({ host, port: check.port ?? port })
  let over = false
  const end = (verdict: Verdict | undefined): void => {
    if (over) return
    over = true
    timers.remove(timer)
    socket.destroy()
    if (verdict !== undefined) tell(verdict)
  }
  const timer = new Timer(() => end(TIMED_OUT))
  timers.set(timer, check.timeoutMs)
  socket.on('connect', () => end(WELL))
  socket.on('error', () => end(FAILED))
  return () => end(undefined)
}
