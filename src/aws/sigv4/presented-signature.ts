/**
 * The signature that came with a request, read strictly: the Authorization field, or the query of a presigned URL.
 *
 * Every component is there exactly once, in its form, and in one of the two places only. What this returns is complete;
 * whether it is right, and right here and now, is for `sigv4.ts` to say.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */

import { ALGORITHM, QUERY_SIGNATURE, sha256 } from './canonical-request.ts'
import { incomplete, type Refusal, unsigned } from './refusal.ts'
import { queryValues, type RequestParts } from './request-parts.ts'
import { type CredentialScope, TERMINATOR } from './signing-key.ts'
import { formatTimestamp, parseHttpDate, parseTimestamp } from './timestamp.ts'

export interface PresentedSignature {
  readonly kind: 'header' | 'query'
  readonly accessKeyId: string
  readonly scope: CredentialScope
  /** Lower case, sorted, each once, `host` among them. */
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** In the basic form, whatever it was sent in. */
  readonly timestamp: string
  readonly signedAtMs: number
  /** Of a presigned URL. */
  readonly expiresSeconds: number | undefined
  readonly sessionToken: string | undefined
}

/** The same components from either place, not looked at yet. */
interface Components {
  readonly kind: 'header' | 'query'
  readonly credential: string
  readonly signedHeaders: string
  readonly signature: string
  readonly date: string
  readonly expires: string | undefined
  readonly sessionToken: string | undefined
}

const QUERY_REQUIRED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  QUERY_SIGNATURE,
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
  'X-Amz-Expires',
] as const
const QUERY_TOKEN = 'X-Amz-Security-Token'
const HEADER_REQUIRED = ['Credential', 'Signature', 'SignedHeaders'] as const
const EXPIRES_SECONDS_MAX = 604_800

export function readPresentedSignature(parts: RequestParts): PresentedSignature | Refusal {
  const components = readComponents(parts)
  return components.kind === 'refused' ? components : interpret(components)
}

function readComponents(parts: RequestParts): Components | Refusal {
  const authorizations = parts.fields.get('authorization') ?? []
  const names = new Set(parts.query.map(({ name }) => name))
  const inQuery = [...QUERY_REQUIRED, QUERY_TOKEN].filter((name) => names.has(name))
  const [authorization] = authorizations
  if (authorization === undefined) return inQuery.length === 0 ? unsigned() : fromQuery(parts)
  if (inQuery.length > 0) {
    return incomplete(
      `The request has an Authorization header and the query-string parameter '${inQuery[0]}'. Sign in one way only.`,
    )
  }
  if (authorizations.length > 1) return twice('Authorization')
  return fromHeader(parts, authorization)
}

function fromQuery(parts: RequestParts): Components | Refusal {
  const found = new Map<string, string>()
  for (const name of [...QUERY_REQUIRED, QUERY_TOKEN]) {
    const [value, second] = queryValues(parts, name)
    if (second !== undefined) return twice(name)
    if (value !== undefined) found.set(name, value)
  }
  const missing = QUERY_REQUIRED.filter((name) => !found.has(name))
  if (missing.length > 0) {
    const sentences = missing.map((name) => `AWS query-string parameters must include '${name}'.`)
    return incomplete(`${sentences.join(' ')} Re-examine the query-string parameters.`)
  }
  const algorithm = found.get('X-Amz-Algorithm')!
  if (algorithm !== ALGORITHM) return unsupportedAlgorithm(algorithm)
  return {
    kind: 'query',
    credential: found.get('X-Amz-Credential')!,
    signedHeaders: found.get('X-Amz-SignedHeaders')!,
    signature: found.get(QUERY_SIGNATURE)!,
    date: found.get('X-Amz-Date')!,
    expires: found.get('X-Amz-Expires')!,
    sessionToken: found.get(QUERY_TOKEN),
  }
}

function fromHeader(parts: RequestParts, authorization: string): Components | Refusal {
  const repeated = ['x-amz-date', 'date', 'x-amz-security-token'].find(
    (name) => (parts.fields.get(name)?.length ?? 0) > 1,
  )
  if (repeated !== undefined) return twice(repeated)
  const pairs = readAuthorization(authorization)
  if ('kind' in pairs) return pairs
  const date = parts.fields.get('x-amz-date')?.[0] ?? parts.fields.get('date')?.[0]
  const missing = HEADER_REQUIRED.filter((name) => !pairs.has(name)).map(
    (name) => `Authorization header requires '${name}' parameter.`,
  )
  if (date === undefined) {
    missing.push(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    )
  }
  if (missing.length > 0) return incomplete(missing.join(' '))
  return {
    kind: 'header',
    credential: pairs.get('Credential')!,
    signedHeaders: pairs.get('SignedHeaders')!,
    signature: pairs.get('Signature')!,
    date: date!,
    expires: undefined,
    sessionToken: parts.fields.get('x-amz-security-token')?.[0],
  }
}

/** `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, in any order. */
function readAuthorization(value: string): ReadonlyMap<string, string> | Refusal {
  const [scheme = ''] = value.split(' ', 1)
  if (!/^AWS4-[A-Z0-9-]{1,40}$/.test(scheme)) return unreadableAuthorization(value)
  if (scheme !== ALGORITHM) return unsupportedAlgorithm(scheme)
  const pairs = new Map<string, string>()
  const parameters = value.slice(scheme.length)
  for (const piece of parameters === '' ? [] : parameters.split(',')) {
    const pair = /^ *(\w+)=([^ ]+) *$/.exec(piece)
    if (pair === null) return unreadableAuthorization(value)
    const [name, content] = [pair[1]!, pair[2]!]
    if (pairs.has(name)) return twice(name)
    if (!HEADER_REQUIRED.some((required) => required === name)) {
      return incomplete(`Authorization header has no parameter of the name '${name}'.`)
    }
    pairs.set(name, content)
  }
  return pairs
}

function interpret(components: Components): PresentedSignature | Refusal {
  const { kind, signature, sessionToken } = components
  const credential = readCredential(components.credential)
  if ('kind' in credential) return credential
  const signedHeaders = readSignedHeaders(components.signedHeaders)
  if ('kind' in signedHeaders) return signedHeaders
  const signedAtMs =
    parseTimestamp(components.date) ??
    (kind === 'header' ? parseHttpDate(components.date) : undefined)
  if (signedAtMs === undefined) {
    return incomplete(`Date must be in ISO-8601 'basic format'. Got '${components.date}'.`)
  }
  const expiresSeconds = readExpires(components.expires)
  if (typeof expiresSeconds === 'object') return expiresSeconds
  const timestamp = formatTimestamp(signedAtMs)
  return {
    kind,
    ...credential,
    signedHeaders,
    signature,
    timestamp,
    signedAtMs,
    expiresSeconds,
    sessionToken,
  }
}

function readCredential(text: string): { accessKeyId: string; scope: CredentialScope } | Refusal {
  const [accessKeyId = '', date = '', region = '', service = '', terminator, ...rest] =
    text.split('/')
  if (terminator === undefined || rest.length > 0) {
    return incomplete(
      'Credential must have exactly 5 slash-separated elements, e.g. keyid/date/region/service/term.',
    )
  }
  if (terminator !== TERMINATOR) {
    return incomplete(`Credential should be scoped with a valid terminator: '${TERMINATOR}'.`)
  }
  if (accessKeyId === '') return incomplete('Credential has no access key id.')
  return { accessKeyId, scope: { date, region, service } }
}

function readSignedHeaders(text: string): readonly string[] | Refusal {
  const names = text.split(';')
  const inOrder = names.every((name, i) => i === 0 || names[i - 1]! < name)
  if (!inOrder || !names.every((name) => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name))) {
    return incomplete(
      'SignedHeaders must be lower-case header names, sorted, each once, with a semicolon between them.',
    )
  }
  if (!names.includes('host')) return incomplete("SignedHeaders must include 'host'.")
  return names
}

function readExpires(text: string | undefined): number | undefined | Refusal {
  if (text === undefined) return undefined
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (seconds >= 1 && seconds <= EXPIRES_SECONDS_MAX) return seconds
  return incomplete(`X-Amz-Expires must be a number of seconds from 1 to ${EXPIRES_SECONDS_MAX}.`)
}

/** Told by its hash only: it may be somebody's password or bearer token. */
function unreadableAuthorization(value: string): Refusal {
  const hash = Buffer.from(sha256(value), 'hex').toString('base64')
  return incomplete(
    'Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with ' +
      `Base64): '${hash}'.`,
  )
}

function unsupportedAlgorithm(algorithm: string): Refusal {
  if (algorithm.startsWith('AWS4-ECDSA-')) {
    return incomplete(`Signature Version 4a (${algorithm}) is not supported. Use ${ALGORITHM}.`)
  }
  return incomplete(`Unsupported AWS 'algorithm': '${algorithm}'. Use ${ALGORITHM}.`)
}

function twice(name: string): Refusal {
  return incomplete(`'${name}' is there more than once.`)
}
