/**
 * AWS Signature Version 4: says who has signed a request. Pure; keys and time are passed in.
 *
 * Used by whatever is called the way AWS is called: the management API (`apigateway`) and routes with IAM authorization
 * (`execute-api`). A verified request has method, path, query, body, host and all `x-amz-*` fields as they were signed;
 * other fields are covered only where the signer chose them. As on AWS, a signature is no nonce: whoever has read a
 * signed request can send it again, unchanged, as long as its time is within the window.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */

import type { Clock } from '../../base/clock.ts'
import type { WireRequest } from '../wire-message.ts'
import {
  canonicalRequest,
  isNormalPath,
  PAYLOAD_HASH,
  sha256,
  stringToSign,
} from './canonical-request.ts'
import { type PresentedSignature, readPresentedSignature } from './presented-signature.ts'
import { incomplete, invalid, mismatch, type Refusal, unknownToken } from './refusal.ts'
import { type RequestParts, readParts } from './request-parts.ts'
import { refuseTime } from './signature-time.ts'
import { isSame, type SigningKeys } from './signing-key.ts'

export type Verdict = Verified | Refusal

export interface Verified {
  readonly kind: 'verified'
  readonly accessKeyId: string
  readonly region: string
  readonly service: string
  readonly signedAt: Date
  /** The one that the request has, of temporary credentials. */
  readonly sessionToken?: string
}

export interface ClaimedCredential {
  readonly accessKeyId: string
  readonly region: string
  readonly service: string
  readonly sessionToken: string | undefined
}

export interface KeySecret {
  readonly secretAccessKey: string
  /** Temporary credentials: requests have to carry it. Without: they must carry none. */
  readonly sessionToken?: string
}

export interface VerifyOptions {
  /** Undefined: there is no such key. `sessionToken` is what the request has, not yet proven to be its signer's. */
  readonly secretOf: (
    accessKeyId: string,
    sessionToken: string | undefined,
  ) => KeySecret | undefined
  /** Services that a credential scope may name: `apigateway`. */
  readonly services: readonly string[]
  readonly clock: Clock
  readonly signingKeys: SigningKeys
  /** How far the time of a signature may be off, either way. Default: 5 minutes, as on AWS. */
  readonly skewMs?: number
  /** Whether `x-amz-content-sha256: UNSIGNED-PAYLOAD` is accepted. Default: no, bodies are signed. */
  readonly allowUnsignedPayload?: boolean
}

/** As on AWS. */
const SKEW_MS = 300_000
const REGION = /^[a-z0-9-]{1,32}$/
const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'
/** Stands in for the secret of a key that does not exist, so that looking for one costs the same. */
const NO_SECRET = 'there is no such access key'

/** Who has signed the request, or why that is not to be believed. The cheap checks come first. */
export function verifySignature(request: WireRequest, options: VerifyOptions): Verdict {
  const parts = readParts(request)
  const presented = readPresentedSignature(parts)
  if (presented.kind === 'refused') return presented
  const refusal =
    refuseScope(presented, options.services) ??
    refuseTime(presented, options.clock.epochMs(), options.skewMs ?? SKEW_MS) ??
    refuseCoverage(parts, presented.signedHeaders, options.allowUnsignedPayload === true)
  if (refusal !== undefined) return refusal
  return judge(presented, parts, options)
}

/** Who the request says has signed it, unproven: for refusing early, and for callers that need no proof. */
export function claimedCredential(request: WireRequest): ClaimedCredential | undefined {
  const presented = readPresentedSignature(readParts(request))
  if (presented.kind === 'refused' || !REGION.test(presented.scope.region)) return undefined
  const { accessKeyId, scope, sessionToken } = presented
  return { accessKeyId, region: scope.region, service: scope.service, sessionToken }
}

function refuseScope({ scope }: PresentedSignature, services: readonly string[]) {
  if (!services.includes(scope.service)) {
    const names = services.map((service) => `'${service}'`).join(' or ')
    return invalid(`Credential should be scoped to correct service: ${names}.`, 'scope')
  }
  if (!REGION.test(scope.region)) {
    return invalid(
      'Credential should be scoped to a valid region: at most 32 letters in lower case, digits and hyphens.',
      'scope',
    )
  }
  return undefined
}

/** What a signature has to cover, or cannot. */
function refuseCoverage(
  parts: RequestParts,
  signedHeaders: readonly string[],
  allowUnsignedPayload: boolean,
): Refusal | undefined {
  const { path, fields } = parts
  if (!path.startsWith('/')) return incomplete('Only requests for a path can be signed.')
  const repeated = ['host', PAYLOAD_HASH].find((name) => (fields.get(name)?.length ?? 0) > 1)
  if (repeated !== undefined) return incomplete(`'${repeated}' is there more than once.`)
  const absent = signedHeaders.find((name) => !fields.has(name))
  if (absent !== undefined) return invalid(`The signed header '${absent}' is not in the request.`)
  for (const name of fields.keys()) {
    if (name.startsWith('x-amz-') && !signedHeaders.includes(name)) {
      return invalid(`The header '${name}' is in the request and is not signed.`)
    }
  }
  return refusePayload(fields.get(PAYLOAD_HASH)?.[0] ?? '', allowUnsignedPayload)
}

function refusePayload(declared: string, allowUnsigned: boolean): Refusal | undefined {
  if (declared === UNSIGNED_PAYLOAD && !allowUnsigned) {
    return invalid(`x-amz-content-sha256 is ${UNSIGNED_PAYLOAD}. The body has to be signed here.`)
  }
  if (declared.startsWith('STREAMING-')) {
    return invalid('Bodies that are signed chunk by chunk (STREAMING-…) are not supported.')
  }
  return undefined
}

/** The signature itself, then what only matters when it is right. */
function judge(
  presented: PresentedSignature,
  parts: RequestParts,
  options: VerifyOptions,
): Verdict {
  const { accessKeyId, scope, signature, timestamp, signedAtMs } = presented
  const payloadHash = parts.fields.get(PAYLOAD_HASH)?.[0] ?? sha256(parts.body)
  const canonical = canonicalRequest(parts, presented.signedHeaders, payloadHash)
  const text = stringToSign(timestamp, scope, canonical)
  const secret = options.secretOf(accessKeyId, presented.sessionToken)
  const secretAccessKey = secret?.secretAccessKey ?? NO_SECRET
  const claim = { accessKeyId, secretAccessKey, scope, stringToSign: text, signature }
  const isRight = options.signingKeys.isRight(claim)
  if (secret === undefined) return unknownToken()
  if (!isRight) {
    const pathIsNormal = isNormalPath(parts.path)
    return mismatch({ canonicalRequest: canonical, stringToSign: text, pathIsNormal })
  }
  // A right signature of a declared hash says nothing about the body yet.
  if (payloadHash !== UNSIGNED_PAYLOAD && payloadHash !== sha256(parts.body)) {
    return invalid('x-amz-content-sha256 is not the SHA-256 of the body.', 'body')
  }
  const refusal = refuseToken(secret, presented)
  if (refusal !== undefined) return refusal
  const { region, service } = scope
  const { sessionToken } = secret
  const token = sessionToken === undefined ? {} : { sessionToken }
  return {
    kind: 'verified',
    accessKeyId,
    region,
    service,
    signedAt: new Date(signedAtMs),
    ...token,
  }
}

function refuseToken(secret: KeySecret, { sessionToken }: PresentedSignature): Refusal | undefined {
  if (secret.sessionToken === undefined) {
    if (sessionToken === undefined) return undefined
    return unknownToken(' This access key has no session token: unset AWS_SESSION_TOKEN.')
  }
  return isSame(secret.sessionToken, sessionToken ?? '') ? undefined : unknownToken()
}
