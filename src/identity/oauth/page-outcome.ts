/** What becomes of something that a user does on a hosted page. */

import type { SignedIn } from './authorization-codes.ts'

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly signedIn: SignedIn }
  | { readonly kind: 'authenticator'; readonly session: string; readonly username: string }
  | {
      readonly kind: 'new-password'
      readonly session: string
      readonly username: string
      readonly missing: readonly string[]
    }
  /** The account waits for its confirmation; the password was right. */
  | { readonly kind: 'unconfirmed' }
  /** The password has to be chosen anew, with a code. */
  | { readonly kind: 'reset' }
  /** `session`: the challenge may be answered again, under this one. */
  | (Refused & { readonly session?: string })

/** Something that the user can do better; the text is for him. */
export interface Refused {
  readonly kind: 'refused'
  readonly message: string
}

export type Done = { readonly kind: 'done' } | Refused

export interface SignedUp {
  readonly kind: 'done'
  /** No code is needed. */
  readonly isConfirmed: boolean
}
