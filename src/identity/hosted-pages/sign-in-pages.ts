/**
 * The pages of signing in: name and password, the code of an authenticator, a new password that has to be chosen.
 *
 * Each is a function from what is known to HTML. Texts never say whether a user exists.
 */

import { type AttributeValue, attributeField, newPasswordFields } from './account-fields.ts'
import { alertOf, formOf, linksOf, linkTo, noticeOf } from './fields.ts'
import { html } from './html.ts'
import type { PageContent, PageLook } from './page.ts'
import type { PasswordRules } from './password-hint.ts'

/** What every page is given. */
export interface PageFrame {
  readonly look: PageLook
  /** `?` and the query of the request that all this is for; goes along from page to page. */
  readonly query: string
  /** Of `FormGuard`. */
  readonly hidden: Readonly<Record<string, string>>
  /** What the browser's form cookie is set to. */
  readonly seed: string
  /** What went wrong. */
  readonly error?: string
  /** What went well. */
  readonly notice?: string
}

interface SignInView extends PageFrame {
  readonly clientName: string
  /** What users of the pool call themselves. */
  readonly userLabel: UserLabel
  readonly username: string
  readonly canSignUp: boolean
}

export type UserLabel = 'Username' | 'Email' | 'Phone number' | 'Email or phone number'

export function signInPage(view: SignInView): PageContent {
  const { look, query, hidden, error, notice, userLabel, username } = view
  const failed = error !== undefined
  const body = html`<h1>Sign in</h1>
<p class="textDescription-customizable">to continue to ${view.clientName}</p>
${alertOf(error)}${noticeOf(notice)}
${formOf({
  action: `login${query}`,
  hidden,
  button: 'Sign in',
  fields: [
    {
      name: 'username',
      label: userLabel,
      type: userLabel === 'Email' ? 'email' : 'text',
      autocomplete: 'username',
      value: username,
      wrong: failed,
      focus: username === '',
    },
    {
      name: 'password',
      label: 'Password',
      type: 'password',
      autocomplete: 'current-password',
      wrong: failed,
      focus: username !== '',
    },
  ],
})}
${linksOf([
  linkTo(`forgotPassword${query}`, 'Forgot your password?'),
  view.canSignUp ? linkTo(`signup${query}`, 'Create an account') : undefined,
])}`
  return { title: 'Sign in', look, body, failed }
}

interface ChallengeView extends PageFrame {
  readonly username: string
}

export function authenticatorPage({ look, query, hidden, error }: ChallengeView): PageContent {
  const failed = error !== undefined
  const body = html`<h1>Enter your code</h1>
<p class="textDescription-customizable">Open your authenticator app and enter the code that it shows for this account.</p>
${alertOf(error)}
${formOf({
  action: `mfa${query}`,
  hidden,
  button: 'Continue',
  fields: [
    {
      name: 'code',
      label: 'Six-digit code',
      type: 'text',
      autocomplete: 'one-time-code',
      isCode: true,
      wrong: failed,
      focus: true,
    },
  ],
})}
${linksOf([linkTo(`login${query}`, 'Back to sign-in')])}`
  return { title: 'Enter your code', look, body, failed }
}

interface NewPasswordView extends ChallengeView {
  readonly rules: PasswordRules
  /** What the pool requires and the user has not got. */
  readonly missing: readonly AttributeValue[]
}

/** For a user whose password somebody else has set. */
export function newPasswordPage(view: NewPasswordView): PageContent {
  const { look, query, hidden, error, username, rules, missing } = view
  const failed = error !== undefined
  const body = html`<h1>Choose a new password</h1>
<p class="textDescription-customizable">The password that you were given was for the first sign-in only.</p>
${alertOf(error)}
${formOf({
  action: `newPassword${query}`,
  hidden: { ...hidden, username },
  button: 'Set password and sign in',
  fields: [
    ...missing.map((attribute) => attributeField(attribute, false)),
    ...newPasswordFields(rules, { wrong: failed, focus: missing.length === 0 }),
  ],
})}`
  return { title: 'Choose a new password', look, body, failed }
}
