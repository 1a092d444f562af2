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
import { ClientCertificate } from '../client-certificate.ts'
import type { HostTrust, SecureHost } from './secure-hosts.ts'

/** What handshakes have in common where no host says otherwise. */
export type HandshakeRules = Omit<SecureHost, 'name'>

export interface SecureServerParts {
  readonly handshakeTimeoutMs: number
  readonly protocols: readonly string[]
  readonly accept: (socket: TLSSocket) => void
  readonly failed: (socket: TLSSocket) => void
}

/** Node's: a name, a key for its HMAC, a key for its cipher. */
const TICKET_KEYS_BYTES = 48

/** Takes over connections by `emit('connection', socket)`. Throws if the rules cannot be used. */
export function createSecureServer(
  rules: HandshakeRules,
  parts: SecureServerParts,
  ticketSecret: Buffer | undefined,
): tls.Server {
  const server = tls.createServer({
    ...secureOptions(rules),
    ALPNProtocols: [...parts.protocols],
    handshakeTimeout: parts.handshakeTimeoutMs,
    requestCert: rules.trust !== undefined,
    // Whoever shows a certificate that does not count is told so by a response.
    rejectUnauthorized: false,
    ...(ticketSecret === undefined ? {} : { ticketKeys: ticketKeys(ticketSecret, rules.label) }),
  })
  server.on('secureConnection', parts.accept)
  server.on('tlsClientError', (_error, socket) => parts.failed(socket))
  const { ocspResponse } = rules
  if (ocspResponse !== undefined) {
    server.on('OCSPRequest', (_certificate, _issuer, answer) => answer(null, ocspResponse))
  }
  return server
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
    ...(trust === undefined ? {} : { ca: authoritiesOf(trust) }),
    ...(trust === undefined || trust.revocationLists.length === 0
      ? {}
      : { crl: [...trust.revocationLists] }),
  }
}

/** Nobody, where there are none: without a list Node would trust every public authority. */
function authoritiesOf({ authorities }: HostTrust): string | string[] {
  return authorities.includes('BEGIN CERTIFICATE') ? authorities : []
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
