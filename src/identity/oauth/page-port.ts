/**
 * What the hosted pages need of a user pool: its settings, and what users do on the pages.
 *
 * Pages know nothing of records and hashes. A refusal never says whether a user exists.
 */

import type { PasswordRules } from '../hosted-pages/password-hint.ts'
import type { UserLabel } from '../hosted-pages/sign-in-pages.ts'
import type { SignedIn } from './authorization-codes.ts'
import type { OAuthClient } from './oauth-client.ts'
import type { Done, Refused, SignedUp, SignInOutcome } from './page-outcome.ts'
import type { WebPool } from './token-port.ts'

/** Who asks, from where. */
export interface PageCaller {
  readonly client: OAuthClient
  readonly sourceIp: string
}

export interface PageSettings {
  readonly userLabel: UserLabel
  readonly rules: PasswordRules
  readonly canSignUp: boolean
  /** Attributes that a sign-up has to give, besides the name. */
  readonly signUpAttributes: readonly string[]
  /** CSS that `theme.ts` has written. */
  readonly css: string
  readonly logo: { readonly type: string; readonly bytes: Uint8Array } | undefined
}

export interface NewUser {
  readonly username: string
  readonly password: string
  readonly attributes: Readonly<Record<string, string>>
}

/** What the hosted pages do. Refusals never say whether a user exists. */
export interface PagePool extends WebPool {
  pageSettings(client: OAuthClient | undefined): Promise<PageSettings>
  /** Undefined: the user may not be signed in any more. */
  isStillSignedIn(signedIn: SignedIn): Promise<boolean>
  signIn(caller: PageCaller, username: string, password: string): Promise<SignInOutcome>
  answerAuthenticator(caller: PageCaller, answer: ChallengeAnswer): Promise<SignInOutcome>
  answerNewPassword(caller: PageCaller, answer: NewPasswordAnswer): Promise<SignInOutcome>
  signUp(caller: PageCaller, user: NewUser): Promise<SignedUp | Refused>
  confirmSignUp(caller: PageCaller, username: string, code: string): Promise<Done>
  resendCode(caller: PageCaller, username: string): Promise<Done>
  forgotPassword(caller: PageCaller, username: string): Promise<Done>
  confirmForgotPassword(caller: PageCaller, reset: PasswordReset): Promise<Done>
}

export interface ChallengeAnswer {
  readonly session: string
  readonly username: string
  readonly code: string
}

export interface NewPasswordAnswer {
  readonly session: string
  readonly username: string
  readonly password: string
  readonly attributes: Readonly<Record<string, string>>
}

export interface PasswordReset {
  readonly username: string
  readonly code: string
  readonly password: string
}
