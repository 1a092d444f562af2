/** What the pages of signing in do: `login`, `mfa`, `newPassword`. */

import type { SignInOutcome } from '../oauth/page-outcome.ts'
import { confirmationPage, resetPasswordPage } from './account-pages.ts'
import type { PageContent } from './page.ts'
import {
  attributesOf,
  callerOf,
  fieldOf,
  PASSWORDS_DIFFER,
  usernameOf,
  withError,
} from './posted-form.ts'
import { authenticatorPage, newPasswordPage, signInPage } from './sign-in-pages.ts'
import type { Step, StepContext, StepResult } from './step.ts'

export const signInSteps: Readonly<Record<string, Step>> = {
  login: { show: showSignIn, post: signIn },
  mfa: { post: answerAuthenticator },
  newPassword: { post: answerNewPassword },
}

export function showSignIn(context: StepContext): PageContent {
  const { frame, client, settings, authorize, request } = context
  const { userLabel, canSignUp } = settings
  const username = request.form.get('username') ?? authorize.loginHint ?? ''
  return signInPage({ ...frame, clientName: client.name, userLabel, username, canSignUp })
}

/** The form of the sign-in, after something on another page went well. */
export function signInAgain(context: StepContext, notice: string): PageContent {
  return showSignIn({ ...context, frame: { ...context.frame, notice } })
}

async function signIn(context: StepContext): Promise<StepResult> {
  const username = usernameOf(context)
  const password = fieldOf(context, 'password')
  if (username === '' || password === '') {
    return showSignIn(withError(context, `Enter your ${labelOf(context)} and your password.`))
  }
  const outcome = await context.pool.signIn(callerOf(context), username, password)
  if (outcome.kind === 'refused') return showSignIn(withError(context, outcome.message))
  return goOn(context, outcome, username)
}

async function answerAuthenticator(context: StepContext): Promise<StepResult> {
  const session = fieldOf(context, 'session')
  const username = usernameOf(context)
  const code = fieldOf(context, 'code').replace(/\s/g, '')
  const answer = { session, username, code }
  const outcome = await context.pool.answerAuthenticator(callerOf(context), answer)
  if (outcome.kind !== 'refused') return goOn(context, outcome, username)
  if (outcome.session === undefined) return showSignIn(withError(context, outcome.message))
  return authenticator(withError(context, outcome.message), { session: outcome.session, username })
}

async function answerNewPassword(context: StepContext): Promise<StepResult> {
  const session = fieldOf(context, 'session')
  const username = usernameOf(context)
  const password = fieldOf(context, 'password')
  const attributes = attributesOf(context)
  const state = { session, username, missing: Object.keys(attributes) }
  if (password !== fieldOf(context, 'confirmation')) {
    return newPassword(withError(context, PASSWORDS_DIFFER), state)
  }
  const answer = { session, username, password, attributes }
  const outcome = await context.pool.answerNewPassword(callerOf(context), answer)
  if (outcome.kind !== 'refused') return goOn(context, outcome, username)
  if (outcome.session === undefined) return showSignIn(withError(context, outcome.message))
  return newPassword(withError(context, outcome.message), { ...state, session: outcome.session })
}

async function goOn(
  context: StepContext,
  outcome: Exclude<SignInOutcome, { readonly kind: 'refused' }>,
  username: string,
): Promise<StepResult> {
  switch (outcome.kind) {
    case 'signed-in':
      return context.finish(outcome.signedIn)
    case 'authenticator':
      return authenticator(context, outcome)
    case 'new-password':
      return newPassword(context, outcome)
    case 'unconfirmed':
      return confirmationPage({ ...context.frame, username })
    case 'reset': {
      // Nobody has a password to begin with where users were imported.
      await context.pool.forgotPassword(callerOf(context), username)
      return resetPasswordPage({ ...context.frame, username, rules: context.settings.rules })
    }
  }
}

function authenticator(
  { frame }: StepContext,
  { session, username }: { readonly session: string; readonly username: string },
): PageContent {
  return authenticatorPage({ ...frame, username, hidden: { ...frame.hidden, session, username } })
}

interface NewPasswordState {
  readonly session: string
  readonly username: string
  readonly missing: readonly string[]
}

function newPassword(context: StepContext, state: NewPasswordState): PageContent {
  const { frame, settings } = context
  const { session, username } = state
  return newPasswordPage({
    ...frame,
    username,
    hidden: { ...frame.hidden, session },
    rules: settings.rules,
    missing: state.missing.map((name) => ({ name, value: fieldOf(context, `attribute.${name}`) })),
  })
}

function labelOf({ settings }: StepContext): string {
  return settings.userLabel.toLowerCase()
}
