/** A client of `node:http2` that collects what it is answered, for tests. */

import http2 from 'node:http2'
import { FAKE_AUTHORITY } from './tls-server.fake.ts'

export interface Answer {
  /** 0 when the stream ended without a response. */
  readonly status: number
  readonly headers: http2.IncomingHttpHeaders
  readonly body: Buffer
  /** Code that the stream closed with. */
  readonly code: number
}

export interface Asked {
  readonly stream: http2.ClientHttp2Stream
  readonly answer: Promise<Answer>
}

export function connectTo(port: number, options?: http2.SecureClientSessionOptions) {
  const session = http2.connect(`https://localhost:${port}`, { ca: FAKE_AUTHORITY, ...options })
  session.on('error', () => {})
  return session
}

/** Sends a request and leaves its body open. */
export function open(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders = {},
  endStream = false,
): Asked {
  const stream = session.request({ ':path': '/', ...headers }, { endStream })
  const chunks: Buffer[] = []
  let received: http2.IncomingHttpHeaders = {}
  stream.on('response', (fields) => {
    received = fields
  })
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('error', () => {})
  const answer = new Promise<Answer>((resolve) => {
    stream.on('close', () =>
      resolve({
        status: Number(received[':status'] ?? 0),
        headers: received,
        body: Buffer.concat(chunks),
        code: stream.rstCode,
      }),
    )
  })
  return { stream, answer }
}

/** Sends a whole request and waits for the end of its stream. */
export function ask(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders = {},
  body?: Uint8Array | string,
): Promise<Answer> {
  const { stream, answer } = open(session, headers, body === undefined)
  if (body !== undefined) stream.end(body)
  return answer
}
