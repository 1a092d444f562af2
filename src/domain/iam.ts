/**
 * Identities of IAM as they cross from the control plane to those who decide: keys, users, roles, policies. Plain data.
 *
 * Everything of every account, at one revision; whoever uses it replaces it as a whole. It holds secrets: it goes to no
 * log, no file and no answer.
 */

export interface IamDocument {
  /** Grows with every change. */
  readonly revision: number
  /** What session tokens are sealed with; base64, at least 32 bytes. '' before there is one. */
  readonly sessionKey: string
  readonly keys: readonly IamKey[]
  readonly identities: readonly IamIdentity[]
  /** JSON texts, by a name for people: `managed policy arn:aws:iam::…`, `inline policy x of user y`. */
  readonly policies: Readonly<Record<string, string>>
}

export interface IamKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly accountId: string
  readonly active: boolean
  /** Id of the user whose it is; undefined: the account's own (root). */
  readonly userId: string | undefined
  /** Of the account's own: it may call what only reads. */
  readonly readOnly: boolean
}

export interface IamIdentity {
  readonly kind: 'user' | 'role'
  readonly accountId: string
  /** `AIDA…`, `AROA…`: never given twice. */
  readonly id: string
  readonly name: string
  readonly arn: string
  readonly tags: Readonly<Record<string, string>>
  /** Keys into the policies of the document. */
  readonly policies: readonly string[]
  /** Another such key: what it does not allow, the others allow in vain. Undefined: there is no boundary. */
  readonly boundary?: string
}

export const NO_IDENTITIES: IamDocument = {
  revision: 0,
  sessionKey: '',
  keys: [],
  identities: [],
  policies: {},
}
