/** What `postern explain` says of a call that IAM authorization refused. Nothing of the signature itself is told. */

import type { Because } from '../../../invocation/because.ts'
import type { ReasonCode } from '../../../observability/explain/reasons.ts'

const RULE = 'AWS_IAM: Signature Version 4 for execute-api, then the policies of the identity'

const PASSES: Partial<Record<ReasonCode, string>> = {
  IAM_CREDENTIALS_MISSING:
    'the same call, signed for execute-api with an access key of this Postern',
  IAM_SIGNATURE_MALFORMED: 'a signature whose parts are all there, once, with host and date signed',
  IAM_SCOPE_WRONG: "a signature for the service execute-api in the API's region",
  IAM_TIME_WRONG: 'a signature of the last five minutes, by a clock that is right',
  IAM_KEY_UNKNOWN: 'an access key that aws iam list-access-keys shows here',
  IAM_KEY_INACTIVE: 'the key set to Active again, or another one',
  IAM_SESSION_INVALID: 'the session token that AssumeRole gave with this key',
  IAM_SESSION_EXPIRED: 'new temporary credentials: AssumeRole again',
  IAM_SIGNATURE_WRONG: 'the secret of that key, and nothing changed between signer and gateway',
  IAM_BODY_CHANGED: 'the body whose SHA-256 was signed',
  IAM_DENIED: 'no statement of the identity that denies it',
  IAM_NOT_ALLOWED:
    'a policy of the identity that allows execute-api:Invoke on this ARN, and its permissions boundary and session, where there are any, too',
}

export const iamBecause: Because = ({ reasonCode, detail }) => ({
  rule: RULE,
  seen: detail === '' ? 'nothing that may be shown' : detail,
  passes: (reasonCode === undefined ? undefined : PASSES[reasonCode]) ?? '',
})
