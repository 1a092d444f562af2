/**
 * The secret that all workers derive the keys of TLS session tickets from: a client resumes with whichever worker it
 * lands at.
 *
 * It lives in memory only and is replaced every few hours. Then clients shake hands in full once; what was recorded
 * before cannot be opened with what is known after.
 */

import { randomBytes } from 'node:crypto'
import type { Supervisor } from '../supervisor.ts'

const SECRET_BYTES = 48
const ROTATION_MS = 6 * 3_600_000

/** Gives the first one out, and then one after the other. Does not keep the process alive. */
export function rotateTicketSecrets(
  supervisor: Pick<Supervisor, 'stand'>,
  every: (action: () => void, periodMs: number) => void = repeat,
): void {
  const rotate = () =>
    supervisor.stand('ticket-secret', { kind: 'ticket-secret', secret: randomBytes(SECRET_BYTES) })
  rotate()
  every(rotate, ROTATION_MS)
}

function repeat(action: () => void, periodMs: number): void {
  setInterval(action, periodMs).unref()
}
