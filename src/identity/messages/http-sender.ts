/**
 * Hands a message to a program of the operator: one POST of JSON to an address from the settings.
 *
 * The address is the operator's own word, so it may be inside the network; an answer leads nowhere else, as redirects
 * are not followed. Nothing of the message is in an error.
 */

import type { OutboxMessage } from './outbox-message.ts'

export type SendOutcome =
  | { readonly kind: 'sent' }
  /** Might go better later. */
  | { readonly kind: 'again'; readonly error: string }
  /** The receiver does not want this one. */
  | { readonly kind: 'never'; readonly error: string }

/** Never rejects. */
export type SendMessage = (id: string, message: OutboxMessage) => Promise<SendOutcome>

export interface HttpSenderParts {
  readonly url: string
  readonly timeoutMs: number
  readonly fetch: typeof fetch
}

/** What says that the same request may be welcome later. RFC 9110, 15.5.9; RFC 8470; RFC 6585. */
const LATER = new Set([408, 425, 429])

export function httpSender({ url, timeoutMs, fetch }: HttpSenderParts): SendMessage {
  return async (id, message) => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', 'idempotency-key': id },
        body: JSON.stringify(contentOf(id, message)),
        signal: AbortSignal.timeout(timeoutMs),
      })
      await response.body?.cancel()
      return outcomeOf(response.status)
    } catch (thrown) {
      return { kind: 'again', error: `no answer: ${nameOf(thrown)}` }
    }
  }
}

function contentOf(id: string, message: OutboxMessage): object {
  const { delivery: _ours, ...content } = message
  return { id, ...content }
}

function outcomeOf(status: number): SendOutcome {
  if (status >= 200 && status < 300) return { kind: 'sent' }
  const error = `status ${status}`
  const isFinal = status >= 300 && status < 500 && !LATER.has(status)
  return { kind: isFinal ? 'never' : 'again', error }
}

/** The code of the system where there is one: `ECONNREFUSED`. */
function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown'
  const { cause } = thrown
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : thrown.name
}
