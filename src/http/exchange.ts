/**
 * One request and its response on a client connection, whatever the version of HTTP.
 *
 * `http/server/h1` and `http/server/h2` implement it; the runtime sees nothing else of the wire. An exchange begins
 * when its head is complete and valid, and ends when the response is fully handed to the socket and the request
 * body is consumed, or when the connection breaks.
 */

import type { ClientCertificate } from './client-certificate.ts'
import type { RequestHead } from './message/request-head.ts'
import type { WireError } from './wire-error.ts'

/** Facts about the client connection that outlive a single exchange. */
export interface ClientConnection {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  /** Undefined on a plain-text connection. */
  readonly tls: ClientTls | undefined
  /**
   * Memo of the runtime: the forwarding fields for this authority and source address. Most connections ask for one
   * authority only, so the text is made once a connection instead of once a request.
   */
  forwardingAuthority: string
  forwardingSource: string
  forwardingText: string
}

export interface ClientTls {
  /** `TLSv1.3` and the like, as OpenSSL names it. */
  readonly version: string
  readonly cipher: string
  /** The server name of the handshake, lower case, or '' where the client sent none. */
  readonly serverName: string
  /** Names the truststore that the handshake has asked a certificate for; '': it has asked for none. */
  readonly trustKey: string
  /** What the client has shown where it was asked; whether that counts stands in it. */
  readonly clientCertificate: ClientCertificate | undefined
}

/** Receives a request body. Chunks are valid during the call only: copy what must live longer. */
export interface BodySink {
  onData(chunk: Uint8Array): void
  onEnd(): void
  /** The body cannot be completed: malformed framing, too large, too slow, or the client went away. */
  onBodyError(error: WireError): void
}

/** Told when the client can take more, or is gone. */
export interface ResponseListener {
  /** The socket has drained after `writeBody` returned false. */
  onDrain(): void
  /** The client went away before the response was complete; no further call on the exchange has an effect. */
  onClientGone(error: WireError): void
}

export interface Exchange {
  readonly request: RequestHead
  readonly connection: ClientConnection
  /** `HTTP/1.0`, `HTTP/1.1` or `HTTP/2.0`. */
  readonly protocol: string
  /** Bytes of the request body: 0 for none, -1 while unknown (chunked, or HTTP/2 without content-length). */
  readonly requestBodyBytes: number
  /** Bytes of body received so far. */
  readonly requestBodyReceived: number

  /** Must be called once before any response method; hears of drain and departure. */
  listener: ResponseListener | undefined

  /**
   * The whole request body if it has arrived together with the head, else undefined. The bytes are valid during the
   * current turn only. An empty body is an empty array.
   */
  takeBufferedBody(): Uint8Array | undefined
  /** Streams the body into `sink`, starting in this turn with what has arrived. Sends 100-continue if it is awaited. */
  receiveBody(sink: BodySink): void
  pauseBody(): void
  resumeBody(): void

  /**
   * A complete response in one write. `headers` is a header block: lines `name: value` each ended by CRLF, a date
   * among them, without the framing and connection fields (`content-length`, `transfer-encoding`, `connection`), which
   * the exchange adds.
   * Applies the framing rules of HEAD, 1xx, 204 and 304 (RFC 9110 §6.4.1). `body` is copied or written in this turn;
   * text is latin1.
   */
  respond(status: number, headers: string, body: Uint8Array | string | undefined): void
  /**
   * The same, when the body is somewhere else than here and only its length counts (an answer to HEAD).
   * `bodyBytes` -1: unknown, so chunked or close-delimited.
   */
  startResponse(status: number, headers: string, bodyBytes: number): void
  /** False: the client is slower than we are; wait for `onDrain`. The chunk may be reused when the call returns. */
  writeBody(chunk: Uint8Array): boolean
  endResponse(): void
  /** Gives up: breaks the connection (HTTP/1) or resets the stream (HTTP/2), so that a cut response looks cut. */
  abort(): void
}

/** What a server does with a request whose head is valid. Runs in the turn in which the head arrived. */
export type ExchangeHandler = (exchange: Exchange) => void
