/**
 * Policies as operations take and give them: checked, bounded in size, percent-encoded on their way out.
 */

import type { PolicyUse } from '../../aws/iam-policy/policy-document.ts'
import { policyProblemText, readPolicy } from '../../aws/iam-policy/read-policy.ts'
import { ServiceError } from '../../aws/service-error.ts'
import { limitExceeded } from './errors.ts'

/** Throws MalformedPolicyDocument, LimitExceeded. */
export function checkPolicyText(text: string, use: PolicyUse, charactersMax: number): void {
  if (policySize(text) > charactersMax) {
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${charactersMax}`)
  }
  const read = readPolicy(text, use)
  if ('document' in read) return
  throw new ServiceError('MalformedPolicyDocumentException', policyProblemText(read.problem))
}

/** White space does not count, as on AWS. */
export function policySize(text: string): number {
  return text.replaceAll(/\s/g, '').length
}

/** RFC 3986: what encodeURIComponent leaves is escaped as well. */
export function encodedPolicy(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
