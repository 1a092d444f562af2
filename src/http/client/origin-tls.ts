/**
 * Handshakes with one origin: what is sent, what is verified, which certificate is shown, and the session that makes the
 * next one shorter.
 *
 * A session is kept for this origin, this identity and these authorities only, and from a handshake that was verified;
 * with another certificate of the gateway's it is forgotten.
 */

import net, { type LookupFunction, type Socket } from 'node:net'
import type { ConnectionOptions, SecureContext, SecureContextOptions, TLSSocket } from 'node:tls'

export interface OriginTls {
  /** Sent as SNI and verified in the certificate; '' for an IP address: no SNI, the address is verified. */
  readonly serverName: string
  readonly verify: boolean
  /** Shown where the origin asks for one; undefined: none. */
  readonly identity?: OriginIdentity | undefined
  /** PEM of authorities that are trusted instead of the public ones. */
  readonly authorities?: string | undefined
}

/** How an origin is dialled, where that is not as the machine would. */
export interface OriginDialling {
  /** Finds the addresses of the host, or refuses them. */
  readonly lookup: LookupFunction
  /** Who is trusted, and the certificate that is shown. */
  readonly tls: Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'>
}

interface OriginPlace {
  readonly host: string
  readonly port: number
  readonly dialling?: OriginDialling
}

/** A certificate of the gateway's. What it is may change; who it is does not. */
export interface OriginIdentity {
  readonly id: string
  /** Undefined: it has been deleted, and no connection is made. */
  current(): IdentityPair | undefined
}

/** PEM, both; the certificate may be followed by its chain. */
export interface IdentityPair {
  readonly certificate: string
  readonly privateKey: string
}

/** What sets one origin's handshakes apart from another's. */
export function originTlsKey({ serverName, verify, identity }: OriginTls): string {
  return `${serverName} ${verify} ${identity?.id ?? ''}`
}

export class OriginHandshakes {
  readonly #tls: OriginTls
  #pair: IdentityPair | undefined
  #context: SecureContext | undefined
  #session: Buffer | undefined

  constructor(tls: OriginTls) {
    this.#tls = tls
  }

  connect({ host, port, dialling }: OriginPlace): Socket {
    // Loaded with the first origin that needs it: it would be a tenth of the time to start.
    const tls = process.getBuiltinModule('node:tls')
    const { identity } = this.#tls
    if (identity !== undefined && identity.current() === undefined) return refused(identity.id)
    const lookup = dialling === undefined ? {} : { lookup: dialling.lookup }
    const socket = tls.connect({ ...this.#options(tls, dialling), ...lookup, host, port })
    this.#keepSessionOf(socket)
    return socket
  }

  /** TLS 1.2 has the session before the certificate has been verified, TLS 1.3 some time after. */
  #keepSessionOf(socket: TLSSocket): void {
    const context = this.#context
    let isVerified = false
    let session: Buffer | undefined
    const keep = () => {
      if (isVerified && session !== undefined && context === this.#context) this.#session = session
    }
    socket.on('session', (given) => {
      session = given
      keep()
    })
    socket.once('secureConnect', () => {
      isVerified = true
      keep()
    })
  }

  #options(
    tls: typeof import('node:tls'),
    dialling: OriginDialling | undefined,
  ): ConnectionOptions {
    const { serverName, verify } = this.#tls
    return {
      secureContext: this.#contextOf(tls, dialling),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: verify,
      ...(this.#session === undefined ? {} : { session: this.#session }),
      ...(serverName === '' ? {} : { servername: serverName }),
    }
  }

  #contextOf(tls: typeof import('node:tls'), dialling: OriginDialling | undefined): SecureContext {
    const { identity, authorities } = this.#tls
    const pair = identity?.current()
    if (this.#context !== undefined && pair === this.#pair) return this.#context
    this.#session = undefined
    this.#pair = pair
    this.#context = tls.createSecureContext({
      ...dialling?.tls,
      minVersion: 'TLSv1.2',
      ...(authorities === undefined ? {} : { ca: authorities }),
      ...(pair === undefined ? {} : { cert: pair.certificate, key: pair.privateKey }),
    })
    return this.#context
  }
}

/** An origin that asks for somebody gets nobody else. */
function refused(id: string): Socket {
  const socket = new net.Socket()
  const error = new Error(`the client certificate ${id} is not there any more`)
  socket.destroy(Object.assign(error, { code: 'ERR_TLS_CLIENT_CERTIFICATE' }))
  return socket
}
