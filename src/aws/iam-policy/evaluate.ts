/**
 * What policies say of a request: allowed, denied explicitly, or not allowed by anything. Pure.
 *
 * Nothing is allowed that no statement allows; what one statement denies, no other can allow. Where a session has a
 * policy of its own, or a role is somebody else's, all sides have to allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

import { type CompiledPolicy, type CompiledStatement, isChosen } from './compile-policy.ts'
import { matchPrincipal, type PrincipalMatch, type PrincipalNames } from './principal.ts'
import type { PolicyContext } from './wildcard.ts'

export interface PolicyRequest {
  /** Lower case. */
  readonly action: string
  readonly resource: string
  readonly context: PolicyContext
}

export interface NamedPolicy {
  /** For people: `inline policy orders of user ada`. */
  readonly name: string
  readonly statements: CompiledPolicy
}

export type Decision =
  /** `by`: the statement that decided. */
  | { readonly kind: 'allowed'; readonly by: string }
  | { readonly kind: 'denied'; readonly by: string }
  | { readonly kind: 'not-allowed' }

const NOT_ALLOWED: Decision = { kind: 'not-allowed' }

/** Of the policies of an identity. */
export function evaluate(policies: readonly NamedPolicy[], request: PolicyRequest): Decision {
  let allowed: Decision = NOT_ALLOWED
  for (const policy of policies) {
    for (const statement of policy.statements) {
      const decides = statement.effect === 'Deny' || allowed === NOT_ALLOWED
      if (!decides || !speaksOf(statement, request)) continue
      const by = `statement ${statement.name} of ${policy.name}`
      if (statement.effect === 'Deny') return { kind: 'denied', by }
      allowed = { kind: 'allowed', by }
    }
  }
  return allowed
}

/** `denied` wins over `not-allowed`, which wins over `allowed`. */
export function bothOf(first: Decision, second: Decision): Decision {
  if (first.kind === 'denied') return first
  if (second.kind === 'denied') return second
  return first.kind === 'not-allowed' ? first : second
}

/** What a trust policy says of a caller; `denied` and `none` are no. */
export function evaluateTrust(
  trust: CompiledPolicy,
  request: PolicyRequest,
  caller: PrincipalNames,
): PrincipalMatch | 'denied' {
  let best: PrincipalMatch = 'none'
  for (const statement of trust) {
    const match = statement.principals ? matchPrincipal(statement.principals, caller) : 'none'
    if (match === 'none' || !speaksOf(statement, request)) continue
    if (statement.effect === 'Deny') return 'denied'
    if (best !== 'named') best = match
  }
  return best
}

function speaksOf(statement: CompiledStatement, request: PolicyRequest): boolean {
  const { actions, resources, conditions } = statement
  const { action, resource, context } = request
  return (
    isChosen(actions, action, context) &&
    (resources === undefined || isChosen(resources, resource, context)) &&
    conditions.every((condition) => condition(context))
  )
}
