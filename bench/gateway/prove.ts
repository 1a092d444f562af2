/**
 * Proof before measuring: the route answers with the origin's own bytes, and TLS is version 1.3 with an EC key, so
 * that no one is measured doing something else.
 *
 * Tried until it succeeds, because only an answer shows that a program is ready: some take their port once and give it
 * back before they serve. A refused or reset connection is tried again; a wrong answer is final.
 */
import http from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { ORIGIN_JSON } from '../origin/answer.ts'
import { type Child, isLiving } from '../process/child.ts'

const START_MS = 20_000
const RETRY_MS = 1
const ANSWER_MS = 5_000
const NOT_YET = new Set(['ECONNREFUSED', 'ECONNRESET'])

type Headers = Readonly<Record<string, string>>

export interface Answer {
  readonly status: number
  readonly body: string
  readonly tls: string
}

export interface Proof {
  readonly port: number
  /** 0: no TLS. */
  readonly tlsPort: number
  readonly path: string
  readonly headers?: Headers
}

/** Resolves when the child has given the origin's answer on every port that it should serve. */
export async function untilProven(child: Child, proof: Proof): Promise<void> {
  const { port, tlsPort, path, headers = {} } = proof
  const plain = await untilAnswered(child, `http://127.0.0.1:${port}${path}`, headers)
  checkAnswer(child.name, plain)
  if (tlsPort === 0) return
  const secure = await untilAnswered(child, `https://127.0.0.1:${tlsPort}${path}`, headers)
  checkAnswer(child.name, secure)
  if (secure.tls !== 'TLSv1.3 prime256v1') {
    throw new Error(
      `bench: ${child.name} speaks ${secure.tls}; the TLS rows compare TLSv1.3 with a P-256 key`,
    )
  }
}

async function untilAnswered(child: Child, url: string, headers: Headers): Promise<Answer> {
  const giveUpAt = performance.now() + START_MS
  for (;;) {
    try {
      return await answerOf(url, headers)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const patience = isLiving(child) && performance.now() < giveUpAt
      if (!patience || !NOT_YET.has(code ?? '')) {
        throw new Error(`bench: ${child.name} did not start (${code}): ${child.tail}`)
      }
    }
    await sleep(RETRY_MS)
  }
}

/** One GET on a connection of its own. The certificate is the bench's or Postern's local one, so it is not checked. */
export async function answerOf(url: string, headers: Headers = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const secure = url.startsWith('https:')
  const options = { agent: false, rejectUnauthorized: false, timeout: ANSWER_MS, headers }
  const request = (secure ? https : http).get(url, options, (response) => {
    let body = ''
    const tls = secure ? describeTls(response.socket as TLSSocket) : ''
    response.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    response.once('error', reject)
    response.once('end', () => resolve({ status: response.statusCode ?? 0, body, tls }))
  })
  request.once('timeout', () => request.destroy(new Error(`bench: no answer from ${url}`)))
  request.once('error', reject)
  return promise
}

function checkAnswer(name: string, answer: Answer): void {
  if (answer.status !== 200 || answer.body !== ORIGIN_JSON) {
    throw new Error(
      `bench: ${name} does not give the origin's answer: ${answer.status} ${answer.body}`,
    )
  }
}

function describeTls(socket: TLSSocket): string {
  const certificate = socket.getPeerCertificate(true) as DetailedPeerCertificate & {
    asn1Curve?: string
  }
  return `${socket.getProtocol()} ${certificate.asn1Curve ?? 'no EC key'}`
}
