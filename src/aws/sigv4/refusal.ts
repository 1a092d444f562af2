/**
 * Why a signature is refused, in the words that AWS's services use where they have some.
 *
 * A refusal never holds a secret, a session token, or a signature that would have been right.
 */

import type { ServiceErrorCode } from '../service-error.ts'

/** What is wrong, for logs. */
export type RefusalCause =
  | 'unsigned'
  | 'incomplete'
  | 'invalid'
  | 'scope'
  | 'time'
  | 'unknown-key'
  | 'mismatch'
  | 'body'

export interface Refusal {
  readonly kind: 'refused'
  readonly cause: RefusalCause
  readonly code: ServiceErrorCode
  readonly message: string
}

function refuse(cause: RefusalCause, code: ServiceErrorCode, message: string): Refusal {
  return { kind: 'refused', cause, code, message }
}

/** Something is missing, there twice, or not in its form. */
export function incomplete(message: string): Refusal {
  return refuse('incomplete', 'IncompleteSignatureException', message)
}

/** Complete, and not valid for this request, here, now. */
export function invalid(message: string, cause: RefusalCause = 'invalid'): Refusal {
  return refuse(cause, 'InvalidSignatureException', message)
}

export function unsigned(): Refusal {
  return refuse('unsigned', 'MissingAuthenticationTokenException', 'Missing Authentication Token')
}

/** `hint` only when the signature was right: it tells about the key. */
export function unknownToken(hint = ''): Refusal {
  const message = `The security token included in the request is invalid.${hint}`
  return refuse('unknown-key', 'UnrecognizedClientException', message)
}

interface Calculated {
  readonly canonicalRequest: string
  readonly stringToSign: string
  /** The path has segments that signers resolve. */
  readonly pathIsNormal: boolean
}

/** The first line says what is wrong, the others help whoever writes a signer. Session tokens are blotted out. */
export function mismatch(calculated: Calculated): Refusal {
  const canonical = calculated.canonicalRequest.replaceAll(
    /(x-amz-security-token[:=])[^\n&]+/gi,
    '$1(not shown)',
  )
  const lines = [
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
      'and signing method. Consult the service documentation for details.',
    `The Canonical String for this request should have been\n'${canonical}'`,
    `The String-to-Sign should have been\n'${calculated.stringToSign}'`,
  ]
  if (!calculated.pathIsNormal) {
    lines.push("The path has '.', '..' or empty segments. Send the path that you have signed.")
  }
  return invalid(lines.join('\n\n'), 'mismatch')
}
