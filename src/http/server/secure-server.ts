/**
 * One set of rules for handshakes: certificate, versions, ciphers, tickets, whether clients show a certificate.
 *
 * It listens nowhere: connections are given to it. Each host has one of its own, so nothing of one handshake can be used
 * with the rules of another. Where clients show certificates no session is resumed: each handshake proves anew, against
 * the lists and the time of its moment, that the client may come in.
 */

import { constants, hkdfSync } from 'node:crypto'
import type { Socket } from 'node:net'
import tls, { type TLSSocket } from 'node:tls'
import type { TimerWheel } from '../../base/timer-wheel.ts'
import { ClientCertificate } from '../client-certificate.ts'
import type { HostTrust, SecureHost } from './secure-hosts.ts'

/** What handshakes have in common where no host says otherwise. */
export type HandshakeRules = Omit<SecureHost, 'name'>

export interface SecureServerParts {
  /** In the form of RFC 7301; the first is preferred. */
  readonly protocols: Buffer
  readonly timers: TimerWheel
  readonly timeoutMs: number
  readonly accept: (socket: TLSSocket) => void
  /** A handshake came to nothing. */
  readonly failed: () => void
  /** Where sockets that stand on the connection itself are until they close. */
  readonly sockets: Set<Socket>
}

export interface SecureServer {
  /** Takes over connections by `emit('connection', socket)`. */
  readonly tls: tls.Server
  readonly parts: SecureServerParts
  /** Its handshakes may be begun by `secureDirectly`. */
  readonly direct: boolean
}

/** Node's: a name, a key for its HMAC, a key for its cipher. */
const TICKET_KEYS_BYTES = 48

/** Throws if the rules cannot be used. */
export function createSecureServer(
  rules: HandshakeRules,
  parts: SecureServerParts,
  ticketSecret: Buffer | undefined,
): SecureServer {
  const server = tls.createServer({
    ...secureOptions(rules),
    ALPNProtocols: parts.protocols,
    handshakeTimeout: parts.timeoutMs,
    requestCert: rules.trust !== undefined,
    // Whoever shows a certificate that does not count is told so by a response.
    rejectUnauthorized: false,
    ...(ticketSecret === undefined ? {} : { ticketKeys: ticketKeys(ticketSecret, rules.label) }),
  })
  server.on('secureConnection', parts.accept)
  server.on('tlsClientError', (_error, socket) => {
    parts.failed()
    socket.destroy()
  })
  const { ocspResponse } = rules
  if (ocspResponse !== undefined) {
    server.on('OCSPRequest', (_certificate, _issuer, answer) => answer(null, ocspResponse))
  }
  // Whom a certificate lets in is for Node's own server to find out.
  return { tls: server, parts, direct: rules.trust === undefined }
}

/** The form that OpenSSL takes them in. */
export function secureOptions(rules: HandshakeRules): tls.SecureContextOptions {
  const { trust } = rules
  const noTickets = rules.resumes && trust === undefined ? 0 : constants.SSL_OP_NO_TICKET
  return {
    cert: rules.certificate,
    key: rules.privateKey,
    ciphers: rules.ciphers,
    ecdhCurve: rules.groups,
    honorCipherOrder: true,
    minVersion: rules.minVersion,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION | noTickets,
    ca: authoritiesOf(trust),
    ...(trust === undefined || trust.revocationLists.length === 0
      ? {}
      : { crl: [...trust.revocationLists] }),
  }
}

/**
 * Nobody, where there are none: without a list Node would trust every public authority, and OpenSSL look among them, with
 * each handshake, for who signed our own certificate.
 */
function authoritiesOf(trust: HostTrust | undefined): string | string[] {
  return trust?.authorities.includes('BEGIN CERTIFICATE') === true ? trust.authorities : []
}

/** For one label only: a ticket of another one is not even deciphered. */
export function ticketKeys(secret: Buffer, label: string): Buffer {
  return Buffer.from(hkdfSync('sha512', secret, '', label, TICKET_KEYS_BYTES))
}

/**
 * What the client has shown; undefined: nothing. The engine has verified signatures, times, purposes, constraints and
 * lists; its code says what did not hold.
 */
export function shownCertificate(
  socket: TLSSocket,
  { chain }: HostTrust,
): ClientCertificate | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const refusal = socket.authorized
    ? chain.findFault(certificate)
    : String(socket.authorizationError ?? 'UNSPECIFIED')
  return new ClientCertificate(certificate, refusal)
}

/** For sockets that are on their way out. */
export function destroyQuietly(socket: Socket): void {
  socket.on('error', () => {})
  socket.destroy()
}
