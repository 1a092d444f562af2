/**
 * IAM authorization of routes: the call is signed (Signature Version 4, for `execute-api`) with a key of this
 * installation, and the policies of its identity allow `execute-api:Invoke` on the route.
 *
 * Second step of the pipeline. It reads the whole body, since the signature covers it; before that it wants a key that
 * exists, so that strangers cost no memory. Every failure is 403 Forbidden to the client, and says why to the operator.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html
 */

import { decide } from '../../../aws/iam-identity/authorize.ts'
import type { FoundKey, IamDirectory } from '../../../aws/iam-identity/directory.ts'
import type { Signer } from '../../../aws/iam-identity/signer.ts'
import type { RefusalCause } from '../../../aws/sigv4/refusal.ts'
import type { SigningKeys } from '../../../aws/sigv4/signing-key.ts'
import { claimedCredential, type Verdict, verifySignature } from '../../../aws/sigv4/sigv4.ts'
import type { WireRequest } from '../../../aws/wire-message.ts'
import type { Clock } from '../../../base/clock.ts'
import { refuse } from '../../../invocation/gateway-response.ts'
import type { Invocation } from '../../../invocation/invocation.ts'
import { NEXT, type Outcome, PENDING } from '../../../invocation/outcome.ts'
import type { RunStep } from '../../../invocation/plan.ts'
import { bufferRequestBody } from '../../../invocation/request-body.ts'
import type { ReasonCode } from '../../../observability/explain/reasons.ts'
import { iamBecause } from './iam-because.ts'
import { RequestContext } from './request-context.ts'
import { signedRequest } from './signed-request.ts'

export interface IamParts {
  /** The identities of this moment. */
  readonly directory: () => IamDirectory
  readonly signingKeys: SigningKeys
  readonly clock: Clock
}

/** The API that a route belongs to. */
export interface IamPlace {
  readonly accountId: string
  readonly region: string
  readonly apiId: string
  readonly stageName: string
}

const SERVICES = ['execute-api']
const ACTION = 'execute-api:invoke'

const REASON_OF: Readonly<Record<RefusalCause, ReasonCode>> = {
  unsigned: 'IAM_CREDENTIALS_MISSING',
  incomplete: 'IAM_SIGNATURE_MALFORMED',
  invalid: 'IAM_SIGNATURE_MALFORMED',
  scope: 'IAM_SCOPE_WRONG',
  time: 'IAM_TIME_WRONG',
  'unknown-key': 'IAM_KEY_UNKNOWN',
  mismatch: 'IAM_SIGNATURE_WRONG',
  body: 'IAM_BODY_CHANGED',
}

export function compileIam(place: IamPlace, parts: IamParts): RunStep {
  return function runIam(x) {
    if (x.requestBody === undefined && x.exchange.requestBodyBytes !== 0) {
      const early = refuseEarly(x, parts)
      if (early !== undefined) return early
    }
    const outcome = bufferRequestBody(x)
    // Comes back to this step with the body there.
    if (outcome === PENDING) x.step--
    return outcome === NEXT ? authorize(x, place, parts) : outcome
  }
}

/** Before a byte of the body is asked for. */
function refuseEarly(x: Invocation, parts: IamParts): Outcome | undefined {
  const request = signedRequest(x)
  const claim = claimedCredential(request)
  if (claim === undefined) return refuseSignature(x, request, verify(request, parts))
  const { accessKeyId, sessionToken } = claim
  if (parts.directory().find(accessKeyId, sessionToken) !== undefined) return undefined
  return refuseUnknown(x, sessionToken)
}

function authorize(x: Invocation, place: IamPlace, parts: IamParts): Outcome {
  // One and the same for the whole decision, whatever is committed meanwhile.
  const directory = parts.directory()
  const request = signedRequest(x)
  const verdict = verify(request, parts)
  if (verdict.kind === 'refused') return refuseSignature(x, request, verdict)
  if (verdict.region !== place.region) {
    return forbid(x, 'IAM_SCOPE_WRONG', `signed for ${verdict.region}, not for ${place.region}`)
  }
  const found = directory.find(verdict.accessKeyId, verdict.sessionToken)
  if (found === undefined) return forbid(x, 'IAM_KEY_UNKNOWN')
  return refuseKey(x, found, parts.clock.epochMs()) ?? decideCall(x, found.signer, place)
}

function verify(request: WireRequest, parts: IamParts): Verdict {
  const { clock, signingKeys } = parts
  const directory = parts.directory()
  return verifySignature(request, {
    secretOf: (accessKeyId, sessionToken) => directory.find(accessKeyId, sessionToken),
    services: SERVICES,
    clock,
    signingKeys,
  })
}

function refuseSignature(x: Invocation, request: WireRequest, verdict: Verdict): Outcome {
  if (verdict.kind !== 'refused' || verdict.cause === 'unknown-key') {
    return refuseUnknown(x, claimedCredential(request)?.sessionToken)
  }
  const { cause, message } = verdict
  // The canonical request of a mismatch repeats what the client has sent, which may be secret.
  return forbid(x, REASON_OF[cause], cause === 'mismatch' || cause === 'unsigned' ? '' : message)
}

function refuseUnknown(x: Invocation, sessionToken: string | undefined): Outcome {
  return forbid(x, sessionToken === undefined ? 'IAM_KEY_UNKNOWN' : 'IAM_SESSION_INVALID')
}

/** What only matters when the signature is right. */
function refuseKey(x: Invocation, { fault, signer }: FoundKey, nowMs: number): Outcome | undefined {
  if (fault === 'inactive') return forbid(x, 'IAM_KEY_INACTIVE', signer.accessKeyId)
  if (signer.expiresMs === undefined || nowMs < signer.expiresMs) return undefined
  return forbid(x, 'IAM_SESSION_EXPIRED', `since ${new Date(signer.expiresMs).toISOString()}`)
}

function decideCall(x: Invocation, signer: Signer, place: IamPlace): Outcome {
  x.identity = { accountId: signer.accountId, caller: signer.userId, userArn: signer.arn }
  if (signer.accountId !== place.accountId) {
    return forbid(x, 'IAM_NOT_ALLOWED', `${signer.arn} is of another account than the API`)
  }
  const resource = arnOfCall(x, place)
  const context = new RequestContext(x, signer, place.region)
  const decision = decide(signer, { action: ACTION, resource, context })
  if (decision.kind === 'allowed') return NEXT
  if (decision.kind === 'denied') return forbid(x, 'IAM_DENIED', `${signer.arn}: ${decision.by}`)
  return forbid(x, 'IAM_NOT_ALLOWED', `${signer.arn} on ${resource}`)
}

function forbid(x: Invocation, code: ReasonCode, detail = ''): Outcome {
  return refuse(x, code, detail, iamBecause)
}

/** `arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/GET/orders/7`, with the path that the origin will see. */
function arnOfCall(x: Invocation, { region, accountId, apiId, stageName }: IamPlace): string {
  const place = `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stageName}`
  return `${place}/${x.httpMethod}${x.requestPath}`
}
