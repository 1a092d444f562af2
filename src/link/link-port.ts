/** The port that agents dial, on the gateway: TLS 1.3, certificates of the authority of links on both sides. */

import { createServer, type Server, type TlsOptions } from 'node:tls'
import { ENROL_PROTOCOL, LINK_PROTOCOL } from '../domain/link-enrolment.ts'
import type { LinkHub } from './contract.ts'

const HANDSHAKE_TIMEOUT_MS = 10_000

export interface LinkPortCertificate {
  /** PEM of the certificate for LINK_SERVER_NAME, and behind it the authority's: agents that enrol know it by fingerprint. */
  readonly chain: string
  readonly privateKey: string
  /** PEM of the authority of links. */
  readonly authority: string
}

/**
 * A server that hands its connections to the hub; the caller has it listen. Without a certificate only enrolment is
 * possible, so the handshake asks for one and the hub decides.
 */
export function makeLinkServer(hub: LinkHub, certificate: LinkPortCertificate): Server {
  const server = createServer(linkServerOptions(certificate))
  server.on('secureConnection', (socket) => hub.accept(socket))
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return server
}

/** Also for `server.setSecureContext`, when the certificate has been renewed. */
export function linkServerOptions({
  chain,
  privateKey,
  authority,
}: LinkPortCertificate): TlsOptions {
  return {
    cert: chain,
    key: privateKey,
    ca: authority,
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: [LINK_PROTOCOL, ENROL_PROTOCOL],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    noDelay: true,
  }
}
