// hot path — see STYLE §8
/**
 * One API call: what is known of it, from the matched route to the last byte of the response.
 *
 * Called `x` in hot code. Steps read and write its fields; `runtime/http-api/pipeline.ts` says in which order. It is
 * also what `$context` variables, parameter mapping and access logs read.
 */

import { assert } from '../base/assert.ts'
import { type Claims, claimText } from '../expression/claims.ts'
import type { CallIdentity, ResponseSource } from '../expression/context-source.ts'
import { QueryString } from '../expression/query-string/query-string.ts'
import type { BalancedHop, LinkedHop, OriginCaller } from '../http/client/origin-request.ts'
import type { ClientCertificate } from '../http/client-certificate.ts'
import type { Exchange } from '../http/exchange.ts'
import { USER_AGENT } from '../http/message/known-headers.ts'
import type { ResponseHead } from '../http/message/response-head-parser.ts'
import type { Evidence } from '../observability/explain/evidence.ts'
import { REASONS, type Reason, type ReasonCode } from '../observability/explain/reasons.ts'
import type { CallTrace } from '../observability/tracing/call-trace.ts'
import type { Because } from './because.ts'
import type { DomainMatch } from './domain-match.ts'
import { answerCrash } from './gateway-response.ts'
import type { MappedHeaders } from './mapped-headers.ts'
import type { Plan } from './plan.ts'
import type { StageContext } from './stage-context.ts'

export class Invocation implements ResponseSource, OriginCaller {
  // The order of the fields is their order in memory: keep it, and give each a value here.
  /** Next step of the pipeline. */
  step = 0
  readonly exchange: Exchange
  readonly stageContext: StageContext
  readonly plan: Plan
  readonly parameters: readonly string[]
  /** Canonical path without stage prefix or base path. */
  readonly requestPath: string
  readonly requestId: string
  /** Monotonic ms at which the head was complete. */
  readonly startedMs: number
  readonly sourceIp: string

  /** Undefined: the client has addressed the API itself. */
  domainMatch: DomainMatch | undefined = undefined
  /** The whole canonical path that a custom domain name was asked for. */
  domainPath = ''

  /** Status for the client; 0 until known. */
  status = 0
  /** Why the gateway itself answered; undefined when the integration did. */
  reason: Reason | undefined = undefined
  reasonCode: ReasonCode | undefined = undefined
  /** What exactly went wrong, for logs only. */
  detail = ''
  /** `step` at the moment of the refusal. */
  refusedAt = 0
  /** Tells on what grounds the call was refused; asked only where that is kept or shown. */
  because: Because | undefined = undefined
  /** What it told, where it was asked. */
  evidence: Evidence | undefined = undefined
  /** Milliseconds that steps before the integration have waited for somebody else. */
  waitedMs = 0
  /** Header block that a gateway answer carries besides the usual fields. */
  replyHeaders = ''
  /** The answer has no body although a reason might give one (CORS preflight). */
  replyBodiless = false

  /** What the verified token says; undefined where none was asked for. */
  claims: Claims | undefined = undefined
  /** Who has signed the call; undefined where no signature was asked for. */
  identity: CallIdentity | undefined = undefined
  /** Who calls, as limits and usage tell clients apart; '' where nobody asked. */
  client = ''

  /** Its place in a trace; undefined: the stage has no tracing. */
  trace: CallTrace | undefined = undefined

  requestBody: Uint8Array | undefined = undefined
  mappedHeaders: MappedHeaders | undefined = undefined
  /** Replaced by mapping; undefined: as the integration's template says. */
  mappedPath: string | undefined = undefined
  /** Raw query for the origin. */
  query: string

  responseHead: ResponseHead | undefined = undefined
  responseBody: Uint8Array | undefined = undefined
  /** A short and complete body as latin1 text, in the place of `responseBody`. */
  responseText: string | undefined = undefined
  /** `responseBody` is all there is. */
  responseComplete = false
  mappedResponseHeaders: MappedHeaders | undefined = undefined
  /** Streams the rest of the response; set by the integration when `responseComplete` is false. */
  responseStream: ResponseStream | undefined = undefined

  /** Monotonic ms at which the call began to wait for its authorizer; -1: it did not wait. */
  authorizerStartedMs = -1
  /** How long it waited. */
  authorizerLatencyMs = 0
  /** Of the response's head, kept where an access log wants them. */
  endpointRequestId = ''
  endpointRequestId2 = ''
  integrationStatus = 0
  integrationStartedMs = -1
  integrationLatencyMs = -1
  /** Hops on the way to the origin; undefined: there were none. */
  balanced: BalancedHop | undefined = undefined
  linked: LinkedHop | undefined = undefined
  responseLength = 0
  responseLatencyMs = -1

  #pending = false
  /** A bug has ended the call; whatever still comes for it is ignored. */
  #crashed = false

  constructor(
    exchange: Exchange,
    stageContext: StageContext,
    plan: Plan,
    parameters: readonly string[],
    requestPath: string,
    sourceIp: string,
  ) {
    this.exchange = exchange
    this.stageContext = stageContext
    this.plan = plan
    this.parameters = parameters
    this.requestPath = requestPath
    this.sourceIp = sourceIp
    this.query = exchange.request.query
    this.requestId = stageContext.services.requestId()
    this.startedMs = stageContext.services.clock.now()
    stageContext.services.calls.inFlight++
  }

  /** A step is about to return PENDING. */
  suspend(): void {
    this.#pending = true
  }

  /** What the step waited for is there. Never in the turn that returned PENDING, and once only. */
  resume(): void {
    if (this.#crashed) return
    assert(this.#pending, 'an invocation resumes only while a step is pending')
    this.#pending = false
    this.run()
  }

  /** Drives the pipeline from the current step. A bug in a step costs this call, not the others. */
  run(): void {
    try {
      this.stageContext.run(this)
    } catch (error) {
      this.#crashed = true
      const { calls, fatal, explain } = this.stageContext.services
      calls.inFlight--
      fatal(error, this.requestId)
      answerCrash(this)
      this.refuseWith('INTERNAL_ERROR', '')
      explain?.keep(this)
    }
  }

  refuseWith(code: ReasonCode, detail: string, because?: Because): void {
    // A step that waits before the integration stands at its own place, all others are one behind it.
    this.refusedAt = this.#pending && this.integrationStartedMs < 0 ? this.step : this.step - 1
    this.because = because
    this.reasonCode = code
    this.reason = REASONS[code]
    this.status = this.reason.status
    this.detail = detail
  }

  // What expressions see.

  get accountId(): string {
    return this.stageContext.accountId
  }
  get apiId(): string {
    return this.stageContext.apiId
  }
  get stage(): string {
    return this.stageContext.stageName
  }
  get deploymentId(): string {
    return this.stageContext.deploymentId
  }
  get domainName(): string {
    return this.exchange.request.host
  }
  get routeKey(): string {
    return this.plan.routeKey
  }
  get httpMethod(): string {
    return this.exchange.request.method
  }
  get path(): string {
    if (this.domainMatch !== undefined) return this.domainPath
    return this.stageContext.pathPrefix + this.requestPath
  }
  get basePathMatched(): string {
    return this.domainMatch === undefined ? '' : this.domainMatch.basePath
  }
  get routingRuleIdMatched(): string {
    return this.domainMatch === undefined ? '' : this.domainMatch.ruleId
  }
  /** API Gateway names HTTP/1.1 for HTTP/2 clients too. */
  get protocol(): string {
    return this.exchange.protocol === 'HTTP/1.0' ? 'HTTP/1.0' : 'HTTP/1.1'
  }
  get userAgent(): string {
    return this.exchange.request.fields.valueOf(USER_AGENT)
  }
  get requestTimeEpoch(): number {
    const { clock } = this.stageContext.services
    // Log lines ask when the call has just ended, and its length was taken.
    const ageMs =
      this.responseLatencyMs >= 0 ? this.responseLatencyMs : clock.now() - this.startedMs
    return Math.round(clock.epochMs() - ageMs)
  }
  get dataProcessed(): number {
    return this.exchange.requestBodyReceived + this.responseLength
  }
  get integrationError(): string {
    return this.reason !== undefined && this.reason.side === 'origin' ? this.detail : ''
  }
  /** What exactly made the gateway answer itself, for operators. That of an integration is `integrationError`. */
  get refusalDetail(): string {
    return this.reason !== undefined && this.reason.side !== 'origin' ? this.detail : ''
  }
  /** Why the authorizer refused, for operators. */
  get authorizerError(): string {
    if (this.reason?.step !== 'authorize') return ''
    return this.detail === '' ? this.reason.sentence : `${this.reason.sentence} (${this.detail})`
  }
  get authorizerStatus(): number {
    if (!this.#askedAuthorizer) return 0
    return this.reason?.step === 'authorize' ? this.reason.status : 200
  }
  get authorizerLatency(): number {
    return this.#askedAuthorizer ? this.authorizerLatencyMs : -1
  }
  /** A preflight is answered before the authorizer, and so is what no route takes. */
  get #askedAuthorizer(): boolean {
    return this.plan.authorize !== undefined && !this.replyBodiless
  }
  /** Of the trace that the call belongs to, in X-Ray's form. */
  get xrayTraceId(): string {
    return this.trace === undefined ? '' : this.trace.root
  }
  get errorMessage(): string {
    return this.reason?.message ?? ''
  }
  get errorResponseType(): string {
    return this.reason?.responseType ?? ''
  }
  get tlsVersion(): string {
    return this.exchange.connection.tls?.version ?? ''
  }
  get cipherSuite(): string {
    return this.exchange.connection.tls?.cipher ?? ''
  }

  /** One that counts: no call begins with another. */
  get clientCertificate(): ClientCertificate | undefined {
    return this.exchange.connection.tls?.clientCertificate
  }

  requestHeader(name: string): string | undefined {
    // A secret of the gateway's own goes nowhere.
    if (name === 'x-postern-debug') return undefined
    return this.exchange.request.fields.get(name)
  }

  requestQuery(name: string): string | undefined {
    return new QueryString(this.exchange.request.query).joined(name)
  }

  encodedPathParameter(name: string): string | undefined {
    const index = this.plan.parameterNames.indexOf(name)
    return index === -1 ? undefined : this.parameters[index]
  }

  pathParameter(name: string): string | undefined {
    const value = this.encodedPathParameter(name)
    return value === undefined ? undefined : decodeURIComponent(value)
  }

  authorizerClaim(name: string): string | undefined {
    return this.claims === undefined ? undefined : claimText(this.claims, name)
  }

  responseHeader(name: string): string | undefined {
    return this.responseHead?.fields.get(name)
  }
}

/** The rest of a response that does not fit one write. */
export interface ResponseStream {
  /** Writes `responseBody`, then the rest as it comes, and resumes the invocation when all is out. */
  pipe(): void
  /** The gateway answers itself after all: the rest is not wanted. */
  abandon(): void
}
