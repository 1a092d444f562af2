/**
 * A policy of IAM as it is written and has been checked: the parts of its statements as lists.
 *
 * `read-policy.ts` makes it from the JSON text, `compile-policy.ts` makes what decides of it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */

export interface PolicyDocument {
  /** With 2008-10-17, which is the default, `${` is text. */
  readonly version: '2008-10-17' | '2012-10-17'
  readonly statements: readonly PolicyStatement[]
}

export interface PolicyStatement {
  readonly sid: string | undefined
  readonly effect: 'Allow' | 'Deny'
  readonly actions: Choice
  /** Undefined in trust policies: the role is the resource. */
  readonly resources: Choice | undefined
  /** Undefined in policies of an identity: the identity is the principal. */
  readonly principals: PrincipalChoice | undefined
  readonly conditions: readonly WrittenCondition[]
}

/** `Action`, or what is not among `NotAction`. */
export interface Choice {
  readonly inverted: boolean
  readonly patterns: readonly string[]
}

export interface PrincipalChoice {
  readonly inverted: boolean
  /** `*`, or the kinds below. */
  readonly anybody: boolean
  /** ARNs, account ids, `*`. */
  readonly aws: readonly string[]
}

/** `"ForAllValues:StringLike": { "aws:TagKeys": ["a", "b"] }`, one for each key. */
export interface WrittenCondition {
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

/** What a policy is for decides which elements it has. */
export type PolicyUse = 'identity' | 'trust'

/** Where and why a text is no policy. */
export interface PolicyProblem {
  /** RFC 6901: `/Statement/0/Effect`; '' for the text as a whole. */
  readonly pointer: string
  /** A clause: `must be "Allow" or "Deny"`. */
  readonly problem: string
}
