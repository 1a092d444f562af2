/** What the pages around an account do: `signup`, `confirmUser`, `resendcode`, `forgotPassword`, `confirmForgotPassword`. */

import {
  confirmationPage,
  forgotPasswordPage,
  resetPasswordPage,
  signUpPage,
} from './account-pages.ts'
import type { PageContent } from './page.ts'
import {
  attributesOf,
  callerOf,
  fieldOf,
  PASSWORDS_DIFFER,
  usernameOf,
  withError,
} from './posted-form.ts'
import { showSignIn, signInAgain } from './sign-in-steps.ts'
import type { Step, StepContext, StepResult } from './step.ts'

export const accountSteps: Readonly<Record<string, Step>> = {
  signup: { show: showSignUp, post: signUp },
  confirmUser: { post: confirmUser },
  resendcode: { post: resendCode },
  forgotPassword: { show: showForgotPassword, post: forgotPassword },
  confirmForgotPassword: { post: confirmForgotPassword },
}

function showSignUp(context: StepContext): PageContent {
  const { frame, settings } = context
  if (!settings.canSignUp) return showSignIn(context)
  const { userLabel, rules, signUpAttributes } = settings
  const attributes = signUpAttributes.map((name) => ({
    name,
    value: fieldOf(context, `attribute.${name}`),
  }))
  return signUpPage({ ...frame, userLabel, rules, attributes, username: usernameOf(context) })
}

async function signUp(context: StepContext): Promise<StepResult> {
  const { pool, settings, frame } = context
  const username = usernameOf(context)
  const password = fieldOf(context, 'password')
  if (!settings.canSignUp) return showSignIn(context)
  const problem = signUpProblem(context, username, password)
  if (problem !== undefined) return showSignUp(withError(context, problem))
  const given = attributesOf(context)
  // Only what the page asks for: a form can be edited.
  const attributes = Object.fromEntries(
    settings.signUpAttributes.map((name) => [name, given[name] ?? '']),
  )
  const user = { username, password, attributes }
  const outcome = await pool.signUp(callerOf(context), user)
  if (outcome.kind === 'refused') return showSignUp(withError(context, outcome.message))
  if (outcome.isConfirmed) return signInAgain(context, 'Your account is there. Sign in with it.')
  return confirmationPage({ ...frame, username })
}

function signUpProblem(
  context: StepContext,
  username: string,
  password: string,
): string | undefined {
  if (username === '' || password === '') return 'Fill in every field.'
  return password === fieldOf(context, 'confirmation') ? undefined : PASSWORDS_DIFFER
}

async function confirmUser(context: StepContext): Promise<StepResult> {
  const username = usernameOf(context)
  const code = fieldOf(context, 'code').replace(/\s/g, '')
  const outcome = await context.pool.confirmSignUp(callerOf(context), username, code)
  if (outcome.kind === 'done') return signInAgain(context, 'Your account is confirmed. Sign in.')
  return confirmationPage({ ...withError(context, outcome.message).frame, username })
}

async function resendCode(context: StepContext): Promise<StepResult> {
  const username = usernameOf(context)
  const outcome = await context.pool.resendCode(callerOf(context), username)
  const { frame } =
    outcome.kind === 'done'
      ? {
          frame: {
            ...context.frame,
            notice: 'If the account waits for a code, a new one was sent.',
          },
        }
      : withError(context, outcome.message)
  return confirmationPage({ ...frame, username })
}

function showForgotPassword(context: StepContext): PageContent {
  const { frame, settings } = context
  const { userLabel } = settings
  return forgotPasswordPage({ ...frame, userLabel, username: usernameOf(context) })
}

async function forgotPassword(context: StepContext): Promise<StepResult> {
  const username = usernameOf(context)
  const { userLabel, rules } = context.settings
  if (username === '') {
    return showForgotPassword(withError(context, `Enter your ${userLabel.toLowerCase()}.`))
  }
  const outcome = await context.pool.forgotPassword(callerOf(context), username)
  if (outcome.kind === 'refused') return showForgotPassword(withError(context, outcome.message))
  return resetPasswordPage({ ...context.frame, username, rules })
}

async function confirmForgotPassword(context: StepContext): Promise<StepResult> {
  const username = usernameOf(context)
  const { rules } = context.settings
  const password = fieldOf(context, 'password')
  const again = (error: string) =>
    resetPasswordPage({ ...withError(context, error).frame, username, rules })
  if (password !== fieldOf(context, 'confirmation')) return again(PASSWORDS_DIFFER)
  const code = fieldOf(context, 'code').replace(/\s/g, '')
  const reset = { username, code, password }
  const outcome = await context.pool.confirmForgotPassword(callerOf(context), reset)
  if (outcome.kind === 'refused') return again(outcome.message)
  return signInAgain(context, 'Your new password is set. Sign in with it.')
}
