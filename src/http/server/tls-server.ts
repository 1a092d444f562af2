/**
 * The TLS port: finds out which name a client asks for, lets the server of that name shake hands, chooses the version of
 * HTTP by ALPN (RFC 7301) and hands the socket on.
 *
 * TLS 1.2 and 1.3 with forward-secret AEAD ciphers only, so HTTP/2's list of forbidden ciphers (RFC 9113 §9.2.2) is
 * met by construction. No renegotiation, no early data. A name without a certificate of its own, and no name, gets the
 * port's own certificate. While there are no names, no byte is looked at before OpenSSL has it.
 */

import net, { type Socket } from 'node:net'
import tls, { type TLSSocket } from 'node:tls'
import type { ClientConnection, ClientTls } from '../exchange.ts'
import { parseHost } from '../message/request-target.ts'
import { type Accepted, acceptHandles, takeHandle } from './accepted-handle.ts'
import { describeClient } from './client-connection.ts'
import type { ClientHello } from './client-hello.ts'
import { type Greeted, Greeting, type GreetingParts } from './greeting.ts'
import { H2Connection } from './h2-connection.ts'
import { H2Context } from './h2-context.ts'
import { admitConnections, connectionSparer, drainListener, listen } from './http-server.ts'
import { covers, type SecureHost, type SecureHosts } from './secure-hosts.ts'
import {
  createSecureServer,
  destroyQuietly,
  type HandshakeRules,
  type SecureServer,
  type SecureServerParts,
  secureOptions,
  shownCertificate,
  ticketKeys,
} from './secure-server.ts'
import { secureDirectly, securesDirectly } from './secure-socket.ts'
import type { HttpListener, ListenAddress, ServerContext } from './server-context.ts'
import { sharedSocket } from './shared-read.ts'

/** Both in PEM; the certificate may be followed by its chain. */
export interface TlsMaterial {
  readonly certificate: string
  readonly privateKey: string
}

export interface TlsServerOptions extends TlsMaterial {
  /**
   * 48 secret bytes that the keys of session tickets are derived from. Threads and nodes that share them resume each
   * other's sessions; without them each makes its own, and a client that lands elsewhere does a full handshake.
   */
  readonly ticketKeys?: Buffer
  /** Names with certificates of their own. */
  readonly hosts?: SecureHosts
}

/** Takes over a connection that speaks HTTP/1.1. Has been counted in the stats; must uncount it when it closes. */
export type AcceptHttp1 = (socket: TLSSocket, connection: ClientConnection) => void

export interface TlsListener extends HttpListener {
  /** From the next handshake on; connections that stand keep theirs. Throws, and changes nothing, if unusable. */
  replaceCertificate(material: TlsMaterial): void
  /** Tickets made with the old keys lead to full handshakes from now on. */
  replaceTicketKeys(ticketKeys: Buffer): void
  /**
   * From the next handshake on. Connections whose client has proved something to a truststore that is not there any
   * more end with what is in flight on them.
   */
  useHosts(hosts: SecureHosts | undefined): void
  /** Answers `acme-tls/1` for this name (RFC 8737); undefined: no more. */
  useChallenge(serverName: string, material: TlsMaterial | undefined): void
}

export const DEFAULT_CIPHERS = [
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

/** HTTP's, in the form of RFC 7301; the first is preferred. */
const PROTOCOLS = Buffer.from('\x02h2\x08http/1.1', 'latin1')

/** The protocol of challenges: nothing is said in it but the handshake. */
const CHALLENGE_PROTOCOL = 'acme-tls/1'
const CHALLENGE_PROTOCOLS = Buffer.from(`\x0a${CHALLENGE_PROTOCOL}`, 'latin1')

/** A listener for `https://`; one for each worker thread and port. */
export function createTlsServer(
  context: ServerContext,
  options: TlsServerOptions,
  acceptHttp1: AcceptHttp1,
): TlsListener {
  return new SecureListener(context, options, acceptHttp1)
}

class SecureListener implements TlsListener {
  readonly spare: (count: number) => void
  readonly #context: ServerContext
  readonly #http2: H2Context
  readonly #acceptHttp1: AcceptHttp1
  readonly #tcp: net.Server
  readonly #sockets = new Set<Socket>()
  readonly #greetings = new Set<Greeting>()
  readonly #greeting: GreetingParts
  readonly #own: SecureServer
  /** Made with the first connection for the name. */
  readonly #servers = new Map<SecureHost, SecureServer>()
  readonly #challenges = new Map<string, SecureServer>()
  #hosts: SecureHosts | undefined
  #ticketSecret: Buffer | undefined

  constructor(context: ServerContext, options: TlsServerOptions, acceptHttp1: AcceptHttp1) {
    this.#context = context
    this.#http2 = new H2Context(context)
    this.#acceptHttp1 = acceptHttp1
    this.#hosts = options.hosts
    this.#ticketSecret = options.ticketKeys
    this.#own = this.#makeServer(ownRules(options), undefined)
    this.#tcp = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#onConnection(socket),
    )
    this.#tcp.maxConnections = context.limits.connections
    this.#tcp.on('drop', () => context.stats.countRefusal('overloaded'))
    this.spare = connectionSparer(context)
    this.#greeting = {
      timers: context.timers,
      timeoutMs: context.limits.headTimeoutMs,
      greeted: (greeting, greeted) => this.#onHello(greeting, greeted),
      lost: (greeting) => {
        this.#greetings.delete(greeting)
        context.stats.countRefusal('tls-handshake')
      },
    }
  }

  listen(address: ListenAddress): Promise<number> {
    // Before the first connection can come: this is called while the listener says that it is one.
    this.#tcp.once('listening', () => acceptHandles(this.#tcp, (accepted) => this.#take(accepted)))
    return listen(this.#tcp, address)
  }

  drain(): Promise<void> {
    for (const greeting of this.#greetings) greeting.destroy()
    return drainListener(this.#tcp, this.#context)
  }

  destroy(): void {
    this.#tcp.close()
    for (const greeting of this.#greetings) greeting.destroy()
    for (const socket of this.#sockets) socket.destroy()
  }

  admit(open: boolean): void {
    admitConnections(this.#tcp, open ? this.#context.limits.connections : 0)
  }

  replaceCertificate(material: TlsMaterial): void {
    const rules = ownRules(material)
    const next = secureOptions(rules)
    tls.createSecureContext(next)
    const secret = this.#ticketSecret
    this.#own.tls.setSecureContext(
      secret === undefined ? next : { ...next, ticketKeys: ticketKeys(secret, rules.label) },
    )
  }

  replaceTicketKeys(secret: Buffer): void {
    this.#ticketSecret = secret
    this.#own.tls.setTicketKeys(ticketKeys(secret, OWN_LABEL))
    for (const [host, server] of this.#servers) {
      server.tls.setTicketKeys(ticketKeys(secret, host.label))
    }
  }

  useHosts(hosts: SecureHosts | undefined): void {
    this.#hosts = hosts
    const kept = new Set(hosts?.all)
    for (const host of this.#servers.keys()) if (!kept.has(host)) this.#servers.delete(host)
    for (const connection of this.#context.connections) {
      const { tls } = connection.client
      const proved = tls !== undefined && tls.trustKey !== ''
      if (proved && hosts?.stillTrusts(connection.client) !== true) connection.drain()
    }
  }

  useChallenge(serverName: string, material: TlsMaterial | undefined): void {
    if (material === undefined) {
      this.#challenges.delete(serverName)
      return
    }
    const parts = { ...this.#parts(undefined), protocols: CHALLENGE_PROTOCOLS, accept: endQuietly }
    this.#challenges.set(serverName, createSecureServer(ownRules(material), parts, undefined))
  }

  /** Nobody has to know the name before the handshake begins. */
  get #isNameless(): boolean {
    return this.#hosts === undefined && this.#challenges.size === 0
  }

  #take(accepted: Accepted): boolean {
    const direct = securesDirectly(this.#own)
    if (direct) {
      accepted.handle.setNoDelay(true)
      if (this.#isNameless) secureDirectly(accepted, this.#own)
      else this.#greet(sharedSocket(accepted))
    }
    return direct
  }

  /** For connections that are sockets already. */
  #onConnection(socket: Socket): void {
    if (!this.#isNameless) this.#greet(socket)
    else {
      this.#keep(socket)
      this.#own.tls.emit('connection', socket)
    }
  }

  #greet(socket: Socket): void {
    this.#keep(socket)
    this.#greetings.add(new Greeting(socket, this.#greeting))
  }

  /** From its first packet, so that `destroy` reaches those that are still shaking hands. */
  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #onHello(greeting: Greeting, { socket, bytes, hello }: Greeted): void {
    this.#greetings.delete(greeting)
    const server = this.#serverFor(hello)
    const accepted = securesDirectly(server) ? takeHandle(socket) : undefined
    if (accepted === undefined) {
      socket.pause()
      socket.unshift(Buffer.from(bytes))
      server.tls.emit('connection', socket)
    } else {
      this.#sockets.delete(socket)
      secureDirectly(accepted, server, bytes)
    }
  }

  /** Bytes that are no hello go to OpenSSL as well: it has the right alert for them. */
  #serverFor(hello: ClientHello | undefined): SecureServer {
    if (hello === undefined) return this.#own
    const name = plainName(hello.serverName)
    if (hello.protocols.includes(CHALLENGE_PROTOCOL)) return this.#challenges.get(name) ?? this.#own
    const host = this.#hosts?.at(name)
    return host === undefined ? this.#own : this.#serverOf(host)
  }

  #serverOf(host: SecureHost): SecureServer {
    let server = this.#servers.get(host)
    if (server === undefined) {
      server = this.#makeServer(host, host)
      this.#servers.set(host, server)
    }
    return server
  }

  #makeServer(rules: HandshakeRules, host: SecureHost | undefined): SecureServer {
    return createSecureServer(rules, this.#parts(host), this.#ticketSecret)
  }

  #parts(host: SecureHost | undefined): SecureServerParts {
    const { limits, timers, stats } = this.#context
    return {
      ...{ protocols: PROTOCOLS, timers, timeoutMs: limits.headTimeoutMs, sockets: this.#sockets },
      accept: (socket) => this.#accept(socket, host),
      failed: () => stats.countRefusal('tls-handshake'),
    }
  }

  #accept(socket: TLSSocket, host: SecureHost | undefined): void {
    // The client may have gone while the handshake was finishing; Node then has no handle to give.
    if (socket.destroyed) return
    const described = describeTls(socket, host)
    if (described === undefined) {
      this.#context.stats.countRefusal('tls-handshake')
      destroyQuietly(socket)
      return
    }
    const { stats, draining } = this.#context
    const client = describeClient(socket, described)
    stats.connectionsAccepted++
    stats.connectionsOpen++
    if (socket.alpnProtocol !== 'h2') {
      this.#acceptHttp1(socket, client)
      return
    }
    const connection = new H2Connection(socket, client, this.#http2)
    if (draining) connection.drain()
  }
}

const OWN_LABEL = 'own'

/** The rules for names that have none of their own. */
function ownRules({ certificate, privateKey }: TlsMaterial): HandshakeRules {
  return {
    certificate,
    privateKey,
    minVersion: 'TLSv1.2',
    ciphers: DEFAULT_CIPHERS,
    groups: 'auto',
    ocspResponse: undefined,
    trust: undefined,
    resumes: true,
    label: OWN_LABEL,
  }
}

/**
 * Undefined: the connection must not be served. Either OpenSSL has read another name out of the hello than we have, and
 * the rules were not those of that name; or the client was asked for a certificate and had none.
 */
function describeTls(socket: TLSSocket, host: SecureHost | undefined): ClientTls | undefined {
  const serverName = nameOf(socket, host)
  const isKnown = serverName !== '' || !socket.isSessionReused()
  if (host !== undefined && isKnown && !covers(host, serverName)) return undefined
  const trust = host?.trust
  const clientCertificate = trust === undefined ? undefined : shownCertificate(socket, trust)
  if (trust !== undefined && clientCertificate === undefined) return undefined
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    serverName,
    trustKey: trust?.key ?? '',
    clientCertificate,
  }
}

/**
 * OpenSSL forgets the name of a session of TLS 1.2 that is resumed. That its ticket could be read proves that the session
 * was made with this host; which name below a wildcard it was for stays unknown.
 */
function nameOf(socket: TLSSocket, host: SecureHost | undefined): string {
  const name = plainName(socket.servername)
  if (name !== '' || host === undefined || !socket.isSessionReused()) return name
  return host.name.startsWith('*') ? '' : host.name
}

/** RFC 8737 §3: the connection has nothing else to it. */
function endQuietly(socket: TLSSocket): void {
  socket.on('error', () => {})
  socket.end()
}

/** The handshake's server name is whatever bytes a client sent: only a host name passes. */
function plainName(name: string | false | null | undefined): string {
  if (typeof name !== 'string') return ''
  return parseHost(name)?.host ?? ''
}
