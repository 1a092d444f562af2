/**
 * Whether a signer may do something: his policies, as far as his permissions boundary and the policies of his session
 * go along. The root of an account may everything in it.
 */

import { bothOf, type Decision, evaluate, type PolicyRequest } from '../iam-policy/evaluate.ts'
import type { Signer } from './signer.ts'

const ROOT: Decision = { kind: 'allowed', by: 'the account itself' }

/** The account of what is asked for is the signer's: who lets others in asks their side besides. */
export function decide(signer: Signer, request: PolicyRequest): Decision {
  if (signer.kind === 'root') return signer.readOnly ? { kind: 'not-allowed' } : ROOT
  let decision = evaluate(signer.policies, request)
  for (const most of [signer.boundary, signer.sessionPolicies]) {
    if (most !== undefined) decision = bothOf(decision, evaluate(most, request))
  }
  return decision
}
