/**
 * The `Session` of a challenge: everything that the next call has to know, sealed and handed to the client, so that a
 * sign-in that nobody finishes costs no memory.
 *
 * It is good for a few minutes, for one pool, one client and one challenge. What is in it can be read by nobody else.
 */

import type { Sealer } from '../installation-key.ts'

export interface ChallengeSession {
  readonly poolId: string
  readonly clientId: string
  readonly username: string
  readonly challenge: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** The user as he was, by the revision of his record: a changed user has to begin again. */
  readonly stamp: string
  /** What only this challenge needs. */
  readonly extra?: Readonly<Record<string, string>>
}

/** The pool stands in front in the open, so that the sealed part can be opened for it. */
export function sealSession(sealer: Sealer, session: ChallengeSession): string {
  const place = { purpose: 'challenge-session', of: session.poolId } as const
  return `${session.poolId}.${sealer.seal(place, JSON.stringify(session))}`
}

/** Undefined: not ours, or over. */
export function openSession(sealer: Sealer, text: string, now: Date): ChallengeSession | undefined {
  const of = poolOfSession(text)
  const sealed = text.slice(of.length + 1)
  const opened = sealer.open({ purpose: 'challenge-session', of }, sealed)
  if (opened === undefined) return undefined
  const session = JSON.parse(opened.toString()) as ChallengeSession
  return session.expiresAt > now.getTime() ? session : undefined
}

/** As the text says; `''` for one that is no session. */
export function poolOfSession(text: string): string {
  return /^[\w-]+_[0-9a-zA-Z]+(?=\.)/.exec(text)?.[0] ?? ''
}
