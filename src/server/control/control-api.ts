/**
 * The management APIs on the control port: HTTP in, proof of who calls, and over to `services/control-plane.ts`.
 *
 * Everything but the public pages comes through here. A call must be signed (SigV4) with a key of the store, unless the
 * model says that everybody may make it (sign-in); a body is read only for a key that exists, or up to a small bound, so
 * that strangers cost little memory. With `--insecure-control` calls need no signature;
 * then they must not come from a web page either: a browser sends `Origin` or `Sec-Fetch-Site` along.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { ServiceError } from '../../aws/service-error.ts'
import { type ClaimedCredential, claimedCredential, type Verdict } from '../../aws/sigv4/sigv4.ts'
import type { WireRequest, WireResponse } from '../../aws/wire-message.ts'
import { type Proof, strangerProof } from '../../services/control-plane.ts'
import type { DeniedCall } from '../../services/denied-calls.ts'
import { encodeFailure } from '../../services/dispatcher.ts'
import type { Caller } from '../../services/service.ts'
import type { KnownCaller } from './caller-keys.ts'
import { endWithUnreadBody } from './unread-body.ts'

/** Bodies of all calls together that are held at one time. */
const HELD_BYTES_MAX = 134_217_728

export interface ControlApiParts {
  readonly verify: (request: WireRequest) => Verdict
  /** Whose it is; what policies say of him is not asked here. Undefined: there is no such key, or no such session. */
  readonly findKey: (accessKeyId: string, token: string | undefined) => KnownCaller | undefined
  /** Everybody may make this call, and nobody signs it. */
  readonly isPublic: (head: WireRequest) => boolean
  /** Longest body of such a call. */
  readonly publicBytesMax: number
  readonly answer: (request: WireRequest, proof: Proof) => Promise<WireResponse>
  /** Takes `GET /_postern/tail`, whose answer has no end. */
  readonly tail: (request: WireRequest, response: ServerResponse, proof: Proof) => void
  /** What a caller is told of an error that nobody has expected. */
  readonly failureOf: (thrown: unknown, requestId: string) => ServiceError
  /** Where it came from; undefined: what the socket says. */
  readonly sourceIp?: (peer: string, forwardedFor: string | undefined) => string
  /** Hears of calls that were refused before the control plane saw them. */
  readonly denied?: (call: DeniedCall) => void
  readonly newRequestId: () => string
  readonly nowMs: () => number
  readonly bodyBytesMax: number
  /** Undefined: every call must be signed. Else who an unsigned caller is. */
  readonly insecure: { readonly accountId: string; readonly region: string } | undefined
}

export class ControlApi {
  readonly #parts: ControlApiParts
  #heldBytes = 0

  constructor(parts: ControlApiParts) {
    this.#parts = parts
  }

  get unsigned(): boolean {
    return this.#parts.insecure !== undefined
  }

  /** Never throws: a bug costs the call that has met it. */
  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = this.#parts.newRequestId()
    // Gone with the connection.
    const peer = incoming.socket.remoteAddress ?? ''
    const head = wireRequest(incoming, NO_BODY)
    let held = 0
    let proof: Proof | undefined
    try {
      const isPublic = this.#admit(head)
      const { publicBytesMax, bodyBytesMax } = this.#parts
      const body = await readBody(incoming, isPublic ? publicBytesMax : bodyBytesMax, (bytes) => {
        held += bytes
        this.#heldBytes += bytes
        if (this.#heldBytes > HELD_BYTES_MAX) throw tooBusy()
      })
      const request = { ...head, body }
      proof = isPublic
        ? strangerProof(requestId, this.#sourceIp(incoming))
        : this.#prove(request, incoming, requestId)
      if (!isPublic && isTail(request)) this.#parts.tail(request, response, proof)
      else send(response, await this.#parts.answer(request, proof))
    } catch (thrown) {
      if (thrown instanceof Gone) return
      const error = this.#parts.failureOf(thrown, requestId)
      this.#noteDenied({ head, peer, proof, requestId, error })
      if (response.headersSent) response.destroy()
      else send(response, encodeFailure(head, error, requestId))
      endWithUnreadBody(incoming, response)
    } finally {
      this.#heldBytes -= held
    }
  }

  #noteDenied({ head, peer: sourceIp, proof, requestId, error }: FailedCall): void {
    const who =
      proof === undefined
        ? { claimedKeyId: claimedCredential(head)?.accessKeyId }
        : { caller: proof.caller, action: 'postern:Tail' }
    this.#parts.denied?.({ ...who, requestId, sourceIp, error })
  }

  /** What can be refused before the body is read. True: the call is for everybody. */
  #admit(head: WireRequest): boolean {
    if (this.#parts.insecure !== undefined && isFromWebPage(head)) throw fromWebPage()
    const claim = claimedCredential(head)
    if (claim === undefined && this.#parts.isPublic(head)) return true
    if (this.#parts.insecure !== undefined) return false
    if (claim !== undefined && this.#find(claim) !== undefined) return false
    throw refusal(this.#parts.verify(head))
  }

  #find({ accessKeyId, sessionToken }: ClaimedCredential): KnownCaller | undefined {
    return this.#parts.findKey(accessKeyId, sessionToken)
  }

  #sourceIp({ socket, headers }: IncomingMessage): string {
    const peer = socket.remoteAddress ?? ''
    return this.#parts.sourceIp?.(peer, headers['x-forwarded-for']?.toString()) ?? peer
  }

  #prove(request: WireRequest, incoming: IncomingMessage, requestId: string): Proof {
    const { insecure, verify, nowMs } = this.#parts
    const sourceIp = incoming.socket.remoteAddress ?? ''
    if (insecure !== undefined) {
      const claim = claimedCredential(request)
      const key = claim && this.#find(claim)
      const accessKeyId = claim?.accessKeyId ?? 'unsigned'
      const caller = callerOf({ accountId: insecure.accountId, ...key, accessKeyId }, sourceIp)
      const region = claim?.region ?? insecure.region
      return { caller, region, requestId, signedFor: undefined }
    }
    const verdict = verify(request)
    if (verdict.kind !== 'verified') throw refusal(verdict)
    const key = this.#find(claimedCredential(request)!)
    // Removed while its call was being read.
    if (key === undefined) throw unknownKey()
    if ((key.signer?.expiresMs ?? Number.POSITIVE_INFINITY) <= nowMs()) throw expired()
    const { region, service: signedFor } = verdict
    return { caller: callerOf(key, sourceIp), region, requestId, signedFor }
  }
}

interface FailedCall {
  readonly head: WireRequest
  readonly peer: string
  /** Undefined: nothing was proved. Else only the live tail is refused here. */
  readonly proof: Proof | undefined
  readonly requestId: string
  readonly error: ServiceError
}

const NO_BODY = new Uint8Array(0)
const TAIL_PATH = '/_postern/tail'

/** The client closed its side first: nobody is there to be answered. */
class Gone extends Error {
  override name = 'Gone'
}

function callerOf(
  key: Omit<KnownCaller, 'readOnly'> & { readonly readOnly?: boolean },
  sourceIp: string,
): Caller {
  const { accountId, accessKeyId, readOnly = false, signer } = key
  return { accountId, accessKeyId, readOnly, sourceIp, ...(signer === undefined ? {} : { signer }) }
}

function wireRequest(incoming: IncomingMessage, body: Uint8Array): WireRequest {
  const { rawHeaders, method = '', url = '' } = incoming
  const headers = Array.from(
    { length: rawHeaders.length / 2 },
    (_, i) => [rawHeaders[2 * i]!, rawHeaders[2 * i + 1]!] as const,
  )
  return { method, target: url, headers, body }
}

async function readBody(
  incoming: IncomingMessage,
  bytesMax: number,
  hold: (bytes: number) => void,
): Promise<Uint8Array> {
  const declared = Number(incoming.headers['content-length'] ?? 0)
  if (declared > bytesMax) throw tooLarge(bytesMax)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > bytesMax) throw tooLarge(bytesMax)
      hold(chunk.length)
      chunks.push(chunk)
    }
  } catch (thrown) {
    throw thrown instanceof ServiceError ? thrown : new Gone()
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

function send(response: ServerResponse, { status, headers, body }: WireResponse): void {
  response.writeHead(status, {
    ...headers,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

function isTail({ method, target }: WireRequest): boolean {
  return method === 'GET' && target.split('?', 1)[0] === TAIL_PATH
}

/** Browsers send one of the two with every request that a page makes, and pages cannot leave them out. */
function isFromWebPage({ headers }: WireRequest): boolean {
  return headers.some(([name, value]) => {
    const field = name.toLowerCase()
    return field === 'origin' || (field === 'sec-fetch-site' && value !== 'none')
  })
}

function refusal(verdict: Verdict): ServiceError {
  if (verdict.kind === 'refused') return new ServiceError(verdict.code, verdict.message)
  return unknownKey()
}

function expired(): ServiceError {
  return new ServiceError(
    'ExpiredTokenException',
    'The security token included in the request is expired',
  )
}

function unknownKey(): ServiceError {
  return new ServiceError(
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
  )
}

function fromWebPage(): ServiceError {
  return new ServiceError(
    'AccessDeniedException',
    'A web page made this call; with --insecure-control only programs may call.',
  )
}

function tooLarge(bytesMax: number): ServiceError {
  return new ServiceError('PayloadTooLargeException', `A call has at most ${bytesMax} bytes.`)
}

function tooBusy(): ServiceError {
  return new ServiceError(
    'TooManyRequestsException',
    'Too many large calls are under way. Try again.',
  )
}
