/**
 * A stand-in for the ingress of a service mesh, as Istio's is set up in ../kubernetes/mesh.yaml: mutual TLS by the mesh's
 * authority, one name, and the token looked at once more before a service hears of the call.
 */

import { readFileSync } from 'node:fs'
import { type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { MESH_NAME } from './mesh-certificates.ts'

export interface IngressOptions {
  /** Where the certificates are. */
  readonly folder: string
  /** Whose tokens, and where their keys are. */
  readonly tokens: TokenRules
  /** The port of the service behind it, on loopback. */
  readonly servicePort: number
}

export interface TokenRules {
  readonly issuer: string
  readonly jwksUri: string
}

/** Not listening yet. */
export function meshIngress({ folder, tokens, servicePort }: IngressOptions): Server {
  const read = (name: string) => readFileSync(join(folder, name))
  const keys = createRemoteJWKSet(new URL(tokens.jwksUri))
  const tls = { cert: read('ingress.pem'), key: read('ingress.key.pem'), ca: read('ca.pem') }
  const options = { ...tls, requestCert: true, rejectUnauthorized: true }
  return createServer(options, (incoming, response) => {
    const answer = async () => {
      if (incoming.url === '/healthz/ready') return end(response, 200, 'ready')
      const refusal = await refusalOf(incoming, { issuer: tokens.issuer, keys })
      if (refusal !== undefined) return end(response, ...refusal)
      forward(incoming, response, servicePort)
    }
    answer().catch((error: Error) => end(response, 500, error.message))
  })
}

interface Trust {
  readonly issuer: string
  readonly keys: ReturnType<typeof createRemoteJWKSet>
}

/** Undefined: the call may pass. */
async function refusalOf(
  incoming: IncomingMessage,
  { issuer, keys }: Trust,
): Promise<[number, string] | undefined> {
  const { servername } = incoming.socket as TLSSocket & { servername?: string }
  if (servername !== MESH_NAME) return [421, `the mesh has no ${servername || 'nameless host'}`]
  if (incoming.method === 'GET' && incoming.url === '/private/health') return undefined
  const [, token] = /^Bearer (\S+)$/.exec(incoming.headers.authorization ?? '') ?? []
  if (token === undefined) return [403, 'RBAC: access denied']
  const verified = await jwtVerify(token, keys, { issuer }).catch(() => undefined)
  return verified === undefined ? [401, 'Jwt verification fails'] : undefined
}

/** Who called, by certificate, is the ingress's word alone: what a caller says in the same field ends here. */
function forward(incoming: IncomingMessage, response: ServerResponse, port: number): void {
  const peer = (incoming.socket as TLSSocket).getPeerCertificate()
  const headers = {
    ...incoming.headers,
    'x-forwarded-client-cert': `Hash=${peer.fingerprint256.replaceAll(':', '').toLowerCase()};Subject="CN=${peer.subject.CN}"`,
  }
  const { method, url: path } = incoming
  const outgoing = request({ port, host: '127.0.0.1', method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers)
    answer.pipe(response)
  })
  outgoing.on('error', () => end(response, 503, 'upstream connect error'))
  incoming.pipe(outgoing)
}

function end(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`)
}
