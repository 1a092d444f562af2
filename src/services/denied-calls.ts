/**
 * Calls of the management API that were refused for who made them, on their way into the audit log: no signature or a wrong
 * one, a key that is not there or may only read, a policy that does not allow it.
 *
 * Anybody who reaches the control port can cause them, so a flood must not fill the disk: like calls of a minute are one
 * entry with their number, a minute has so many entries, an hour so many, and what goes beyond is one number. What is
 * not written yet is lost with a crash, and written before the log is read or the program ends. No entry holds what an
 * unproven caller has sent but the id of a key.
 */

import type { ServiceError } from '../aws/service-error.ts'
import type { Limits } from '../domain/limits.ts'
import { type AuditEntry, INSTALLATION, type Scope, type Store } from '../storage/store.ts'
import type { Caller } from './service.ts'

export interface DeniedCallsParts {
  readonly store: Pick<Store, 'write'>
  readonly limits: Pick<Limits, 'deniedCallsPerMinute' | 'deniedCallsPerHour'>
  readonly nowMs: () => number
  /** Returns how to call it off. */
  readonly after: (delayMs: number, action: () => void) => () => void
  /** The store cannot be written: what was noted stays noted. */
  readonly trouble: (error: unknown) => void
}

/** What is known of a call that was refused. */
export interface DeniedCall {
  readonly requestId: string
  readonly sourceIp: string
  /** `apigatewayv2:CreateRoute`; undefined: nobody has looked, because nothing was proved. */
  readonly action?: string
  /** Whose signature was good; else what the request says, which is worth nothing. */
  readonly caller?: Caller
  readonly claimedKeyId?: string | undefined
  readonly error: ServiceError
}

interface Group {
  readonly entry: AuditEntry
  times: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const MESSAGE_CHARACTERS_MAX = 400
/** Anything else in its place may be a secret. */
const KEY_ID = /^[A-Z0-9]{16,128}$/

/** Codes of errors that are about who calls, not about what. */
const DENIALS: ReadonlySet<string> = new Set([
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
  'ExpiredTokenException',
  'AccessDeniedException',
])

export class DeniedCalls {
  readonly #parts: DeniedCallsParts
  readonly #groups = new Map<string, Group>()
  #others = 0
  #hourMs: number
  #written = 0
  #callOff: (() => void) | undefined

  constructor(parts: DeniedCallsParts) {
    this.#parts = parts
    this.#hourMs = parts.nowMs()
  }

  /** Errors of other kinds are not noted. */
  note(call: DeniedCall): void {
    if (!DENIALS.has(call.error.code)) return
    this.#turnHour()
    const entry = entryOf(call)
    const name = JSON.stringify([
      entry.scope,
      entry.who,
      entry.sourceIp,
      entry.action,
      call.error.code,
    ])
    const group = this.#groups.get(name)
    if (group !== undefined) group.times += 1
    else if (this.#groups.size < this.#room()) this.#groups.set(name, { entry, times: 1 })
    else this.#others += 1
    this.#callOff ??= this.#parts.after(MINUTE_MS, () => void this.flush())
  }

  /** Resolves when what was noted stands in the log, as far as the hour has room. */
  async flush(): Promise<void> {
    this.#turnHour()
    await this.#write(this.#take(this.#written < this.#parts.limits.deniedCallsPerHour))
    if (this.#others === 0) return
    const untilNextHour = this.#hourMs + HOUR_MS - this.#parts.nowMs()
    this.#callOff ??= this.#parts.after(Math.max(untilNextHour, MINUTE_MS), () => void this.flush())
  }

  /** Writes the rest, whatever the hour has room for. Nothing may be noted afterwards. */
  close(): Promise<void> {
    return this.#write(this.#take(true))
  }

  /** How many entries the minute may have: one of the hour is kept for what goes beyond. */
  #room(): number {
    const { deniedCallsPerMinute, deniedCallsPerHour } = this.#parts.limits
    return Math.min(deniedCallsPerMinute, deniedCallsPerHour - this.#written - 1)
  }

  #turnHour(): void {
    if (this.#parts.nowMs() - this.#hourMs < HOUR_MS) return
    this.#hourMs = this.#parts.nowMs()
    this.#written = 0
  }

  #take(withOthers: boolean): AuditEntry[] {
    this.#callOff?.()
    this.#callOff = undefined
    const entries = [...this.#groups.values()].map(({ entry, times }) =>
      times === 1 ? entry : { ...entry, times },
    )
    this.#groups.clear()
    if (withOthers && this.#others > 0) {
      entries.push({ ...OTHERS, times: this.#others })
      this.#others = 0
    }
    this.#written += entries.length
    return entries
  }

  async #write(entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return
    try {
      await this.#parts.store.write(async (transaction) => {
        for (const entry of entries) await transaction.audit(entry)
      })
    } catch (thrown) {
      this.#parts.trouble(thrown)
    }
  }
}

const OTHERS: AuditEntry = {
  scope: INSTALLATION,
  who: 'various',
  sourceIp: '',
  requestId: '',
  action: 'control:Call',
  changes: [],
  refused: 'more calls than are listed one by one',
}

function entryOf({
  requestId,
  sourceIp,
  action,
  caller,
  claimedKeyId,
  error,
}: DeniedCall): AuditEntry {
  const base = { sourceIp, requestId, action: action ?? 'control:Call', changes: [] }
  if (caller === undefined) {
    return { ...base, scope: INSTALLATION, who: claimed(claimedKeyId), refused: error.code }
  }
  const refused = `${error.code}: ${error.message}`.slice(0, MESSAGE_CHARACTERS_MAX)
  return { ...base, scope: scopeOf(caller), who: callerName(caller), refused }
}

function scopeOf({ accountId }: Caller): Scope {
  return { accountId, region: INSTALLATION.region }
}

/** As the log names whoever has proved it. */
export function callerName({ signer, accessKeyId }: Caller): string {
  return signer === undefined ? accessKeyId : `${signer.arn} (${accessKeyId})`
}

function claimed(keyId: string | undefined): string {
  if (keyId === undefined) return 'unsigned'
  return KEY_ID.test(keyId) ? `unproven ${keyId}` : 'unproven, no id of a key'
}
