/**
 * Whom a statement of a trust policy speaks of: everybody, an account, one identity.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */

import type { PrincipalChoice } from './policy-document.ts'

/** Who asks. */
export interface PrincipalNames {
  readonly accountId: string
  /** Everything that the caller is called: the ARN of a session, and of the role behind it. */
  readonly arns: readonly string[]
}

/** `account`: the account is meant, which leaves it to its own policies who of it may. */
export type PrincipalMatch = 'none' | 'account' | 'named'

const ACCOUNT = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/
const IDENTITY =
  /^arn:aws:(?:iam|sts)::\d{12}:(?:user|role|assumed-role|federated-user)\/[\w+=,.@/-]+$/

/** Whether a policy can name it. A wildcard stands alone. */
export function isAwsPrincipal(text: string): boolean {
  return text === '*' || ACCOUNT.test(text) || IDENTITY.test(text)
}

export function matchPrincipal(choice: PrincipalChoice, caller: PrincipalNames): PrincipalMatch {
  const match = among(choice, caller)
  if (!choice.inverted) return match
  return match === 'none' ? 'account' : 'none'
}

function among({ anybody, aws }: PrincipalChoice, caller: PrincipalNames): PrincipalMatch {
  if (aws.some((each) => caller.arns.includes(each))) return 'named'
  const isOfAccount = aws.some((each) => ACCOUNT.exec(each)?.[1] === caller.accountId)
  return anybody || aws.includes('*') || isOfAccount ? 'account' : 'none'
}
