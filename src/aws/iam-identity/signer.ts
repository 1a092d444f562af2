/**
 * Who has signed a call, and what policies see of him.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (properties of the principal)
 */

import type { NamedPolicy } from '../iam-policy/evaluate.ts'
import type { PrincipalNames } from '../iam-policy/principal.ts'

export interface Signer {
  readonly kind: 'root' | 'user' | 'role-session' | 'user-session'
  readonly accessKeyId: string
  readonly accountId: string
  /** `arn:aws:iam::…:user/ada`, `arn:aws:sts::…:assumed-role/deploy/run` */
  readonly arn: string
  /** `aws:PrincipalArn`: of a session, its role or user. */
  readonly principalArn: string
  /** `AIDA…`, `AROA…:run`, or the account of the root. */
  readonly userId: string
  /** `aws:username`: of users only. */
  readonly userName: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** Of the identity. The root needs none. */
  readonly policies: readonly NamedPolicy[]
  /** The permissions boundary of the identity: at most this; undefined: it has none. */
  readonly boundary: readonly NamedPolicy[] | undefined
  /** What the session itself narrows; undefined: nothing. */
  readonly sessionPolicies: readonly NamedPolicy[] | undefined
  /** Of temporary credentials. */
  readonly issuedMs: number | undefined
  readonly expiresMs: number | undefined
  /** A key of the account itself that may only read. */
  readonly readOnly: boolean
}

/** For trust policies. */
export function namesOf({ accountId, arn, principalArn }: Signer): PrincipalNames {
  return { accountId, arns: [arn, principalArn] }
}

/** Undefined: it says nothing of the key, which is in lower case. */
export function signerValue(signer: Signer, key: string): string | undefined {
  switch (key) {
    case 'aws:principalarn':
      return signer.principalArn
    case 'aws:principalaccount':
      return signer.accountId
    case 'aws:principaltype':
      return TYPES[signer.kind]
    case 'aws:userid':
      return signer.userId
    case 'aws:username':
      return signer.userName
    case 'aws:principalisawsservice':
    case 'aws:viaawsservice':
      return 'false'
    case 'aws:multifactorauthpresent':
      // Long-lived keys say nothing of it, as on AWS.
      return signer.issuedMs === undefined ? undefined : 'false'
    case 'aws:tokenissuetime':
      return signer.issuedMs === undefined ? undefined : new Date(signer.issuedMs).toISOString()
    default:
      return key.startsWith(TAG) ? tagOf(signer.tags, key.slice(TAG.length)) : undefined
  }
}

const TAG = 'aws:principaltag/'
const TYPES = {
  root: 'Account',
  user: 'User',
  'user-session': 'User',
  'role-session': 'AssumedRole',
} as const

function tagOf(tags: Signer['tags'], lowerName: string): string | undefined {
  for (const name of Object.keys(tags)) if (name.toLowerCase() === lowerName) return tags[name]
  return undefined
}
