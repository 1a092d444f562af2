/** What a password needs, as a reader is told before choosing one. */

import { type Html, html } from './html.ts'

export interface PasswordRules {
  readonly minimumLength: number
  readonly requireLowercase: boolean
  readonly requireUppercase: boolean
  readonly requireNumbers: boolean
  readonly requireSymbols: boolean
}

export function passwordHint(rules: PasswordRules): Html {
  const lines = [
    `${rules.minimumLength} characters or more`,
    ...(rules.requireLowercase ? ['a lower-case letter'] : []),
    ...(rules.requireUppercase ? ['an upper-case letter'] : []),
    ...(rules.requireNumbers ? ['a number'] : []),
    ...(rules.requireSymbols ? ['a special character, such as ! or -'] : []),
  ]
  return html`At least:<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`
}
