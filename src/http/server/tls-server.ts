/**
 * The TLS port: handshakes, chooses the version of HTTP by ALPN (RFC 7301) and hands the socket on.
 *
 * TLS 1.2 and 1.3 with forward-secret AEAD ciphers only, so HTTP/2's list of forbidden ciphers (RFC 9113 §9.2.2) is
 * met by construction. No renegotiation, no early data, no code of ours between a client's hello and its answer: there
 * is nothing that a strange server name could make throw.
 */

import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import tls, { type TLSSocket } from 'node:tls'
import type { ClientConnection, ClientTls } from '../exchange.ts'
import { parseHost } from '../message/request-target.ts'
import { describeClient } from './client-connection.ts'
import { H2Connection, H2Context } from './h2-connection.ts'
import { admitConnections, connectionSparer, drainListener, listen } from './http-server.ts'
import type { HttpListener, ServerContext } from './server-context.ts'

/** Both in PEM; the certificate may be followed by its chain. */
export interface TlsMaterial {
  readonly certificate: string
  readonly privateKey: string
}

export interface TlsServerOptions extends TlsMaterial {
  /**
   * 48 secret bytes that encrypt session tickets. Threads and nodes that share them resume each other's sessions;
   * without them each makes its own, and a client that lands elsewhere does a full handshake.
   */
  readonly ticketKeys?: Buffer
}

/** Takes over a connection that speaks HTTP/1.1. Has been counted in the stats; must uncount it when it closes. */
export type AcceptHttp1 = (socket: TLSSocket, connection: ClientConnection) => void

export interface TlsListener extends HttpListener {
  /** From the next handshake on; connections that stand keep theirs. Throws, and changes nothing, if unusable. */
  replaceCertificate(material: TlsMaterial): void
  /** Tickets made with the old keys lead to full handshakes from now on. */
  replaceTicketKeys(ticketKeys: Buffer): void
}

const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** A listener for `https://`; one for each worker thread and port. */
export function createTlsServer(
  context: ServerContext,
  options: TlsServerOptions,
  acceptHttp1: AcceptHttp1,
): TlsListener {
  const http2 = new H2Context(context)
  const sockets = new Set<Socket>()
  const secure = secureOptions(options)
  const server = tls.createServer({
    ...secure,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: context.limits.headTimeoutMs,
    allowHalfOpen: true,
    noDelay: true,
    ...(options.ticketKeys === undefined ? {} : { ticketKeys: options.ticketKeys }),
  })
  let ticketKeys = options.ticketKeys
  server.maxConnections = context.limits.connections
  server.on('connection', (socket: Socket) => keepTrack(sockets, socket))
  server.on('drop', () => context.stats.countRefusal('overloaded'))
  server.on('tlsClientError', (_error, socket) => {
    context.stats.countRefusal('tls-handshake')
    socket.destroy()
  })
  server.on('secureConnection', (socket) => accept(socket, http2, acceptHttp1))
  return {
    listen: (address) => listen(server, address),
    drain: () => drainListener(server, context),
    destroy: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
    admit: (open) => admitConnections(server, open ? context.limits.connections : 0),
    spare: connectionSparer(context),
    replaceCertificate: (material) => {
      const next = secureOptions(material)
      tls.createSecureContext(next)
      server.setSecureContext(ticketKeys === undefined ? next : { ...next, ticketKeys })
    },
    replaceTicketKeys: (keys) => {
      ticketKeys = keys
      server.setTicketKeys(keys)
    },
  }
}

function secureOptions(material: TlsMaterial): tls.SecureContextOptions {
  return {
    cert: material.certificate,
    key: material.privateKey,
    ciphers: CIPHERS,
    honorCipherOrder: true,
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  }
}

/** Every socket from its first packet, so that `destroy` reaches those that are still shaking hands. */
function keepTrack(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
}

function accept(socket: TLSSocket, http2: H2Context, acceptHttp1: AcceptHttp1): void {
  // The client may have gone while the handshake was finishing; Node then has no handle to give.
  if (socket.destroyed) return
  const { server } = http2
  const client = describeClient(socket, describeTls(socket))
  server.stats.connectionsAccepted++
  server.stats.connectionsOpen++
  if (socket.alpnProtocol !== 'h2') {
    acceptHttp1(socket, client)
    return
  }
  const connection = new H2Connection(socket, client, http2)
  if (server.draining) connection.drain()
}

function describeTls(socket: TLSSocket): ClientTls {
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    serverName: plainName(socket.servername),
  }
}

/** The handshake's server name is whatever bytes a client sent: only a host name passes. */
function plainName(name: string | false | null | undefined): string {
  if (typeof name !== 'string') return ''
  return parseHost(name)?.host ?? ''
}
