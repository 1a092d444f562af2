/**
 * The issuer of the reference request: one RSA key, its tokens, and a small local server with discovery and key set.
 *
 * It lives in the runner, which only waits while a load runs; gateways ask it once, when their first token comes.
 */
import { generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { freePort } from '../process/free-port.ts'

export const AUDIENCE = 'orders'
export const SCOPE = 'orders.read'
/** What an access token of a usual provider is long. */
export const TOKEN_CHARACTERS = 660

const KEY_ID = 'bench-1'
const TOKEN_SECONDS = 24 * 3_600

export interface Claims {
  readonly [name: string]: unknown
}

export class Issuer {
  readonly url: string
  /** The public key for gateways that read it from a file. */
  readonly publicKeyPath: string
  readonly #server: http.Server
  readonly #privateKey: KeyObject

  private constructor(url: string, publicKeyPath: string, server: http.Server, key: KeyObject) {
    this.url = url
    this.publicKeyPath = publicKeyPath
    this.#server = server
    this.#privateKey = key
  }

  static async start(folder: string): Promise<Issuer> {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const publicKeyPath = join(folder, 'issuer.pem')
    writeFileSync(publicKeyPath, publicKey.export({ type: 'spki', format: 'pem' }))
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const server = http.createServer(answerer(url, publicKey.export({ format: 'jwk' })))
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return new Issuer(url, publicKeyPath, server, privateKey)
  }

  /** A good token for this client, of `TOKEN_CHARACTERS`; `changes` make it something else. */
  token(client: string, changes: Claims = {}): string {
    const now = Math.floor(Date.now() / 1_000)
    const claims = {
      iss: this.url,
      aud: AUDIENCE,
      sub: client,
      scope: `openid ${SCOPE}`,
      iat: now,
      exp: now + TOKEN_SECONDS,
    }
    return this.#padded({ ...claims, ...changes })
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /** A `jti` takes up the room that is left: four characters of base64 are three bytes. */
  #padded(claims: Claims): string {
    const bare = this.#signed({ ...claims, jti: '' })
    const room = Math.floor(((TOKEN_CHARACTERS - bare.length) * 3) / 4)
    return room <= 0 ? bare : this.#signed({ ...claims, jti: 'j'.repeat(room) })
  }

  #signed(claims: Claims): string {
    const header = { alg: 'RS256', typ: 'JWT', kid: KEY_ID }
    const content = [header, claims].map(base64url).join('.')
    return `${content}.${sign('sha256', Buffer.from(content), this.#privateKey).toString('base64url')}`
  }
}

/** The same token with another signature: what a forger sends. */
export function forged(token: string): string {
  const at = token.length - 20
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function answerer(url: string, key: JsonWebKey): http.RequestListener {
  const discovery = JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` })
  const keys = JSON.stringify({ keys: [{ ...key, kid: KEY_ID, use: 'sig', alg: 'RS256' }] })
  return (request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(request.url === '/keys' ? keys : discovery)
  }
}
