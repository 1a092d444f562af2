// hot path — see STYLE §8
/**
 * From an exchange to an invocation: canonical path, API, stage, route. The snapshot is read once for each request, so
 * none ever sees two revisions.
 */

import type { ClientTls, Exchange } from '../http/exchange.ts'
import { canonicalPath } from '../http/message/canonical-path.ts'
import { errorHeaders, messageBody } from '../invocation/gateway-response.ts'
import { Invocation } from '../invocation/invocation.ts'
import type { Services } from '../invocation/stage-context.ts'
import { REASONS, type ReasonCode } from '../observability/explain/reasons.ts'
import type { CallRecorder } from './explain/call-recorder.ts'
import type { DebugKeys } from './explain/debug-keys.ts'
import type { TrustedProxies } from './routing/trusted-proxies.ts'
import { type DomainRuntime, pathBehind } from './snapshot/domain-table.ts'
import type { Snapshot, StageRuntime } from './snapshot/snapshot.ts'

export interface GatewayServices extends Services {
  readonly explain: CallRecorder | undefined
  readonly debug: DebugKeys | undefined
}

export class Gateway {
  readonly #services: GatewayServices
  readonly #proxies: TrustedProxies | undefined
  #snapshot: Snapshot

  constructor(services: GatewayServices, snapshot: Snapshot, proxies: TrustedProxies | undefined) {
    this.#services = services
    this.#snapshot = snapshot
    this.#proxies = proxies
  }

  get snapshot(): Snapshot {
    return this.#snapshot
  }

  /** From now on new requests are served by this snapshot; those in flight keep theirs. */
  swap(snapshot: Snapshot): void {
    this.#snapshot = snapshot
  }

  /** Serves one request. */
  handle(exchange: Exchange): void {
    const { request, connection } = exchange
    const snapshot = this.#snapshot
    // `OPTIONS *` asks about the server as a whole, which is no resource of any API.
    if (request.path === '*') {
      this.#refuse(exchange, 'ROUTE_NOT_FOUND', snapshot)
      return
    }
    const path = canonicalPath(request.path)
    if (path === '') {
      this.#refuse(exchange, 'PATH_REFUSED', snapshot)
      return
    }
    if (
      connection.tls !== undefined &&
      this.#misdirected(snapshot, connection.tls.serverName, request.host)
    ) {
      this.#refuse(exchange, 'MISDIRECTED', snapshot)
      return
    }
    const domain = snapshot.domains === undefined ? undefined : snapshot.domains.at(request.host)
    if (domain !== undefined) {
      this.#handleAt(domain, exchange, path)
      return
    }
    const resolved = snapshot.resolve(request.host, path)
    if ('refused' in resolved) {
      this.#refuse(exchange, resolved.refused, snapshot)
      return
    }
    run(this.#invocation(exchange, resolved.stage, resolved.path))
  }

  /** At a custom domain name; `path` is the whole. */
  #handleAt(domain: DomainRuntime<StageRuntime>, exchange: Exchange, path: string): void {
    const { request, connection } = exchange
    if (connection.tls === undefined && (domain.mutualTls || domain.isStrict)) {
      this.#refuse(exchange, 'TLS_REQUIRED', this.#snapshot)
      return
    }
    if (domain.trustKey !== '') {
      const refused = this.#unproved(domain.trustKey, connection.tls)
      if (refused !== undefined) {
        this.#refuse(exchange, refused, this.#snapshot)
        return
      }
    }
    const target = domain.find(path, request.fields)
    if (target === undefined || target.stage === undefined) {
      const code = target === undefined ? 'MAPPING_NOT_FOUND' : 'MAPPED_STAGE_NOT_SERVED'
      this.#refuse(exchange, code, this.#snapshot)
      return
    }
    const x = this.#invocation(exchange, target.stage, pathBehind(target, path))
    x.domainMatch = target
    x.domainPath = path
    run(x)
  }

  /**
   * Whether the client has proved in its handshake what the domain asks for. A connection that was made under another
   * truststore, or none, is sent away to make a new one.
   */
  #unproved(trustKey: string, tls: ClientTls | undefined): ReasonCode | undefined {
    if (tls === undefined || tls.trustKey !== trustKey) return 'MISDIRECTED'
    const certificate = tls.clientCertificate
    if (certificate === undefined || certificate.refusal !== '') return 'CLIENT_CERTIFICATE_REFUSED'
    const isOver = certificate.untilEpochMs <= this.#services.clock.epochMs()
    return isOver ? 'CLIENT_CERTIFICATE_REFUSED' : undefined
  }

  #invocation(exchange: Exchange, stage: StageRuntime, path: string): Invocation {
    const { request, connection } = exchange
    const match = stage.router.match(request.method, path)
    const plan = match === undefined ? stage.unmatched : stage.plans[match.index]!
    const sourceIp =
      this.#proxies === undefined ? connection.remoteAddress : this.#proxies.sourceIp(exchange)
    const parameters = match === undefined ? NONE : match.parameters
    return new Invocation(exchange, stage.context, plan, parameters, path, sourceIp)
  }

  /**
   * The handshake's name and the Host field must not lead to two different APIs or domains (RFC 9110 §7.4): what the
   * handshake has asked of the client was asked for that name.
   */
  #misdirected(snapshot: Snapshot, serverName: string, host: string): boolean {
    if (serverName === host) return false
    const { domains } = snapshot
    const domain = domains === undefined ? undefined : domains.at(host)
    if (domain?.isStrict === true) return true
    if (serverName === '') return domain?.mutualTls === true
    if (domains !== undefined && domains.at(serverName) !== domain) return true
    return snapshot.apiAt(serverName) !== snapshot.apiAt(host)
  }

  /** An answer before there is a stage: it has no route, no log line of an API and no figures. */
  #refuse(exchange: Exchange, code: ReasonCode, snapshot: Snapshot): void {
    const { clock, explain, debug } = this.#services
    const requestId = this.#services.requestId()
    const told = debug === undefined ? '' : debug.earlyFieldsOf(exchange, code, snapshot)
    const headers = told + errorHeaders(requestId, clock.epochMs())
    // First: the head is another request's once the answer is out.
    explain?.keepRefused({ requestId, code, exchange, snapshot })
    exchange.respond(REASONS[code].status, headers, messageBody(code))
  }
}

function run(x: Invocation): void {
  x.stageContext.tracer?.begin(x)
  x.run()
}

const NONE: readonly string[] = []
