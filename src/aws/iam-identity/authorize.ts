/**
 * Whether a signer may do something: his policies, and those of his session. The root of an account may everything in it.
 */

import { bothOf, type Decision, evaluate, type PolicyRequest } from '../iam-policy/evaluate.ts'
import type { Signer } from './signer.ts'

const ROOT: Decision = { kind: 'allowed', by: 'the account itself' }

/** The account of what is asked for is the signer's: who lets others in asks their side besides. */
export function decide(signer: Signer, request: PolicyRequest): Decision {
  if (signer.kind === 'root') return signer.readOnly ? { kind: 'not-allowed' } : ROOT
  const own = evaluate(signer.policies, request)
  if (signer.sessionPolicies === undefined) return own
  return bothOf(own, evaluate(signer.sessionPolicies, request))
}
