/**
 * Why an order did not come to its end, and what follows from it: RFC 8555 §6.7, in the four kinds that the orders tell
 * apart.
 */

/** What follows. */
export type AcmeFault =
  /** Later it may go well: nobody answers, the server is at fault, a challenge was not seen. */
  | 'transient'
  /** The server has had enough for now. */
  | 'rate-limited'
  /** It will never be issued as it was asked for. */
  | 'refused'
  /** The server does not know the account, or has ended it. */
  | 'account-lost'
  /** Something about the account that the operator has to mend. */
  | 'account-refused'

/** Reasons as ACM names them. */
export type FailureReason =
  | 'CAA_ERROR'
  | 'DOMAIN_NOT_ALLOWED'
  | 'DOMAIN_VALIDATION_DENIED'
  | 'INVALID_PUBLIC_DOMAIN'
  | 'OTHER'

export interface AcmeErrorFacts {
  readonly fault: AcmeFault
  readonly reason?: FailureReason
  /** Before this time is over, the server does not want to be asked again. */
  readonly retryAfterMs?: number | undefined
}

export class AcmeError extends Error {
  override name = 'AcmeError'
  readonly fault: AcmeFault
  readonly reason: FailureReason
  readonly retryAfterMs: number | undefined

  constructor(message: string, { fault, reason = 'OTHER', retryAfterMs }: AcmeErrorFacts) {
    super(message)
    this.fault = fault
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}

/** RFC 7807, as far as ACME uses it. */
export interface ProblemDocument {
  readonly type: string
  readonly detail: string
  readonly subproblems: readonly ProblemDocument[]
}

const PREFIX = 'urn:ietf:params:acme:error:'
const DETAIL_CHARACTERS_MAX = 500
const SUBPROBLEMS_MAX = 100

type Verdict = readonly [AcmeFault, FailureReason]

const CHALLENGE_FAILED: Verdict = ['transient', 'DOMAIN_VALIDATION_DENIED']
const SERVER_FAILED: Verdict = ['transient', 'OTHER']

/** RFC 8555 §6.7's table. */
const VERDICTS: Readonly<Record<string, Verdict>> = {
  accountDoesNotExist: ['account-lost', 'OTHER'],
  badCSR: ['refused', 'OTHER'],
  badNonce: SERVER_FAILED,
  badPublicKey: ['account-refused', 'OTHER'],
  badSignatureAlgorithm: ['account-refused', 'OTHER'],
  caa: ['refused', 'CAA_ERROR'],
  connection: CHALLENGE_FAILED,
  dns: CHALLENGE_FAILED,
  externalAccountRequired: ['account-refused', 'OTHER'],
  incorrectResponse: CHALLENGE_FAILED,
  invalidContact: ['account-refused', 'OTHER'],
  malformed: ['refused', 'INVALID_PUBLIC_DOMAIN'],
  orderNotReady: SERVER_FAILED,
  rateLimited: ['rate-limited', 'OTHER'],
  rejectedIdentifier: ['refused', 'DOMAIN_NOT_ALLOWED'],
  serverInternal: SERVER_FAILED,
  tls: CHALLENGE_FAILED,
  unauthorized: CHALLENGE_FAILED,
  unsupportedContact: ['account-refused', 'OTHER'],
  unsupportedIdentifier: ['refused', 'INVALID_PUBLIC_DOMAIN'],
  userActionRequired: ['account-refused', 'OTHER'],
}

/** Whatever stands in place of a problem document: text of another server goes into logs, so it is short and plain. */
export function readProblem(data: unknown): ProblemDocument | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { type, detail, subproblems } = data as Record<string, unknown>
  if (typeof type !== 'string') return undefined
  const below = Array.isArray(subproblems) ? subproblems.slice(0, SUBPROBLEMS_MAX) : []
  return {
    type: type.startsWith(PREFIX) ? type.slice(PREFIX.length) : plain(type),
    detail: typeof detail === 'string' ? plain(detail) : '',
    subproblems: below.map(readProblem).filter((each) => each !== undefined),
  }
}

/** The error of a problem document. */
export function errorOf(problem: ProblemDocument, retryAfterMs?: number): AcmeError {
  const [fault, reason] = verdictOf(problem)
  const details = [problem, ...problem.subproblems].map(({ type, detail }) => `${type}: ${detail}`)
  return new AcmeError(plain(details.join('; ')), { fault, reason, retryAfterMs })
}

/** The error of an answer that is none. */
export function errorOfAnswer(
  status: number,
  data: unknown,
  retryAfterMs: number | undefined,
): AcmeError {
  const problem = readProblem(data)
  if (status === 429) {
    const detail = problem === undefined ? 'status 429' : problem.detail
    return new AcmeError(`rateLimited: ${detail}`, { fault: 'rate-limited', retryAfterMs })
  }
  if (problem !== undefined) return errorOf(problem, retryAfterMs)
  return new AcmeError(`the ACME server answers ${status}`, { fault: 'transient', retryAfterMs })
}

/** Of a compound problem, what one of its parts refuses for good is refused for good. */
function verdictOf({ type, subproblems }: ProblemDocument): Verdict {
  const verdicts = subproblems.map(verdictOf)
  const own = VERDICTS[type] ?? SERVER_FAILED
  return verdicts.find(([fault]) => fault === 'refused') ?? own
}

function plain(text: string): string {
  return text.slice(0, DETAIL_CHARACTERS_MAX).replace(/[^\x20-\x7e]/g, '?')
}
