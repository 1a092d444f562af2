/**
 * A message to a user (a code, an invitation), as it stands in the store until it is old.
 *
 * It is written in the transaction of what has caused it, so that no code exists that nobody was sent, and no message of
 * something that did not happen. `postern outbox` shows it; `message-dispatch.ts` sends it where a sender is set.
 */

export const OUTBOX_KIND = 'outbox-message'

export interface OutboxMessage {
  readonly userPoolId: string
  readonly username: string
  readonly medium: 'EMAIL' | 'SMS'
  /** An address or a number. */
  readonly destination: string
  /** What it is about: `SIGN_UP`, `FORGOT_PASSWORD` … */
  readonly purpose: string
  readonly subject: string
  readonly body: string
  /** What the body tells its reader to type; secret. */
  readonly code: string
  /** ISO 8601. */
  readonly createdAt: string
  /** Undefined: nobody has tried to send it. */
  readonly delivery?: Delivery
}

export type Delivery =
  | { readonly status: 'sent'; readonly attempts: number; readonly sentAt: string }
  | {
      readonly status: 'waiting'
      readonly attempts: number
      readonly lastError: string
      readonly nextAttemptAt: string
    }
  /** Given up. */
  | { readonly status: 'failed'; readonly attempts: number; readonly lastError: string }
