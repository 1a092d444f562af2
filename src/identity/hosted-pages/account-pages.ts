/**
 * The pages around an account: making one, confirming it, getting back in without the password, and being told that
 * something is wrong with the request itself.
 */

import { attributeField, newPasswordFields } from './account-fields.ts'
import { alertOf, formOf, linkForm, linksOf, linkTo, noticeOf } from './fields.ts'
import { html } from './html.ts'
import type { PageContent, PageLook } from './page.ts'
import type { PasswordRules } from './password-hint.ts'
import type { PageFrame, UserLabel } from './sign-in-pages.ts'

interface SignUpView extends PageFrame {
  readonly userLabel: UserLabel
  readonly username: string
  /** Attributes to ask for besides the name, with what was typed last. */
  readonly attributes: readonly { readonly name: string; readonly value: string }[]
  readonly rules: PasswordRules
}

export function signUpPage(view: SignUpView): PageContent {
  const { look, query, hidden, error, userLabel, username, attributes, rules } = view
  const failed = error !== undefined
  const isEmail = userLabel === 'Email'
  const body = html`<h1>Create an account</h1>
${alertOf(error)}
${formOf({
  action: `signup${query}`,
  hidden,
  button: 'Create account',
  fields: [
    {
      name: 'username',
      label: userLabel,
      type: isEmail ? 'email' : 'text',
      autocomplete: 'username',
      value: username,
      wrong: failed,
      focus: true,
    },
    ...attributes.map((attribute) => attributeField(attribute, failed)),
    ...newPasswordFields(rules, { wrong: failed, focus: false }),
  ],
})}
${linksOf([linkTo(`login${query}`, 'Sign in to an account you have')])}`
  return { title: 'Create an account', look, body, failed }
}

interface CodeView extends PageFrame {
  readonly username: string
}

export function confirmationPage(view: CodeView): PageContent {
  const { look, query, hidden, error, notice, username } = view
  const failed = error !== undefined
  const body = html`<h1>Confirm your account</h1>
<p class="textDescription-customizable">If ${username} is new here, a code is on its way. If you have an account already, sign in, or ask for a new password.</p>
${alertOf(error)}${noticeOf(notice)}
${formOf({
  action: `confirmUser${query}`,
  hidden: { ...hidden, username },
  button: 'Confirm account',
  fields: [codeField('Confirmation code', failed)],
})}
${linksOf([
  linkForm(`resendcode${query}`, { ...hidden, username }, 'Send a new code'),
  linkTo(`login${query}`, 'Back to sign-in'),
])}`
  return { title: 'Confirm your account', look, body, failed }
}

export function forgotPasswordPage(
  view: CodeView & { readonly userLabel: UserLabel },
): PageContent {
  const { look, query, hidden, error, username, userLabel } = view
  const failed = error !== undefined
  const body = html`<h1>Forgot your password?</h1>
<p class="textDescription-customizable">Say who you are, and you get a code with which you can choose a new one.</p>
${alertOf(error)}
${formOf({
  action: `forgotPassword${query}`,
  hidden,
  button: 'Send me a code',
  fields: [
    {
      name: 'username',
      label: userLabel,
      type: userLabel === 'Email' ? 'email' : 'text',
      autocomplete: 'username',
      value: username,
      wrong: failed,
      focus: true,
    },
  ],
})}
${linksOf([linkTo(`login${query}`, 'Back to sign-in')])}`
  return { title: 'Forgot your password?', look, body, failed }
}

interface ResetView extends CodeView {
  readonly rules: PasswordRules
}

export function resetPasswordPage(view: ResetView): PageContent {
  const { look, query, hidden, error, username, rules } = view
  const failed = error !== undefined
  const body = html`<h1>Choose a new password</h1>
<p class="textDescription-customizable">If there is an account for ${username}, a code is on its way to its owner.</p>
${alertOf(error)}
${formOf({
  action: `confirmForgotPassword${query}`,
  hidden: { ...hidden, username },
  button: 'Set new password',
  fields: [codeField('Code', failed), ...newPasswordFields(rules, { wrong: failed, focus: false })],
})}
${linksOf([
  linkTo(`forgotPassword${query}`, 'Send a new code'),
  linkTo(`login${query}`, 'Back to sign-in'),
])}`
  return { title: 'Choose a new password', look, body, failed }
}

/** Nothing can be done here: the request itself is wrong. */
export function errorPage(look: PageLook, message: string): PageContent {
  const body = html`<h1>This does not work</h1>
${alertOf(message)}
<p class="hint">Go back to the application and try again. If it happens again, tell whoever runs it.</p>`
  return { title: 'This does not work', look, body, failed: true }
}

/** After a sign-out that names nowhere to go. */
export function signedOutPage(look: PageLook): PageContent {
  const body = html`<h1>You are signed out</h1>
<p class="textDescription-customizable">You can close this window.</p>`
  return { title: 'You are signed out', look, body }
}

function codeField(label: string, failed: boolean) {
  return {
    name: 'code',
    label,
    type: 'text',
    autocomplete: 'one-time-code',
    isCode: true,
    wrong: failed,
    focus: true,
  } as const
}
