/**
 * A TLS socket straight on an accepted connection, from its first byte to the end of its handshake.
 *
 * Node's `tls.Server` keeps a plain socket below each TLS socket, with its own streams, listeners and end. Here the TLS
 * socket wraps the connection's handle, as it does in Node's own clients, and reads into the buffer that all connections
 * share. For handshakes in which clients show no certificate: who is let in by one is for Node's server to say.
 *
 * The subclass reaches below Node's public interface. Where Node does not have what it stands on, connections are handed
 * to the `tls.Server`.
 */

import tls, { type TLSSocket } from 'node:tls'
import { Timer } from '../../base/timer-wheel.ts'
import type { Accepted, AcceptedHandle, SocketInternals } from './accepted-handle.ts'
import type { SecureServer, SecureServerParts } from './secure-server.ts'
import { type OnRead, SHARED_READS } from './shared-read.ts'

interface DirectOptions extends tls.TLSSocketOptions {
  readonly accepted: AcceptedHandle
  readonly onread: typeof SHARED_READS
  readonly allowHalfOpen: boolean
}

interface TlsInternals {
  readonly _tlsOptions: DirectOptions
  /** Node's, around the connection's. */
  readonly _handle: {
    setALPNProtocols(protocols: Buffer): void
    receive(bytes: Buffer): void
  } | null
  connecting: boolean
  secureConnecting: boolean
  _wrapHandle(wrap: null, handle: unknown, writing: boolean): unknown
  _emitTLSError(error: Error): void
  _destroy(error: Error | null, done: (error?: Error | null) => void): void
  /** From then on its errors are 'error' events. */
  _releaseControl(): boolean
}

const InternalTlsSocket = tls.TLSSocket as unknown as new (
  socket: undefined,
  options: DirectOptions,
) => Omit<TLSSocket, 'connecting' | '_destroy'> & TlsInternals

const SHAKING = 0
const SECURE = 1
const LOST = 2

class SecureSocket extends InternalTlsSocket {
  readonly parts: SecureServerParts
  readonly timer: Timer
  state = SHAKING
  /** Undefined: whoever listens gets 'data' events. */
  hears: OnRead | undefined

  constructor(options: DirectOptions, parts: SecureServerParts) {
    super(undefined, options)
    this.connecting = false
    // Node's own: one waits for somebody who wants the keys, the other frees what the closing handle has freed.
    this.removeAllListeners('newListener')
    this.removeAllListeners('close')
    this._handle?.setALPNProtocols(parts.protocols)
    this.parts = parts
    this.timer = new Timer(() => this.destroy())
    parts.timers.set(this.timer, parts.timeoutMs)
    parts.sockets.add(this as unknown as TLSSocket)
    this.on('secure', onSecure)
    // Whoever takes the socket over hears of errors himself; until then, and from whoever forgets, they end nobody else.
    this.on('error', ignore)
  }

  /** Called by the constructor of Node's class, for which there is no connection yet. */
  override _wrapHandle(): unknown {
    return super._wrapHandle(null, this._tlsOptions.accepted, false)
  }

  /** No connection goes on after an error of TLS. */
  override _emitTLSError(error: Error): void {
    this.destroy(error)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.state === SHAKING) {
      this.state = LOST
      this.parts.failed()
    }
    this.parts.timers.remove(this.timer)
    this.parts.sockets.delete(this as unknown as TLSSocket)
    super._destroy(error, done)
  }

  secured(): void {
    if (this.state !== SHAKING) return
    this.state = SECURE
    this.parts.timers.remove(this.timer)
    this._releaseControl()
    this.secureConnecting = false
    this.parts.accept(this as unknown as TLSSocket)
  }
}

/** Whether Node's class has the parts that the subclass stands on. */
const HAS_PARTS =
  '_wrapHandle' in tls.TLSSocket.prototype && '_releaseControl' in tls.TLSSocket.prototype

/** Whether a handshake with these rules can be begun by `secureDirectly`. */
export function securesDirectly(server: SecureServer): boolean {
  return HAS_PARTS && server.direct
}

/** Begins the handshake. `bytes`: what has been read of the connection already. */
export function secureDirectly(accepted: Accepted, server: SecureServer, bytes?: Buffer): void {
  const { handle } = accepted
  const { _sharedCreds } = server.tls as unknown as { _sharedCreds: tls.SecureContext }
  const options = {
    isServer: true,
    server: server.tls,
    secureContext: _sharedCreds,
    allowHalfOpen: true,
    onread: SHARED_READS,
    accepted: handle,
  }
  // The kernel may have more to say after the TLS layer has gone.
  handle.onread = ignore
  const socket = new SecureSocket(options as DirectOptions, server.parts)
  const internals = socket as unknown as SocketInternals
  internals._server = accepted.server
  if (bytes !== undefined) socket._handle?.receive(bytes)
}

function onSecure(this: SecureSocket): void {
  this.secured()
}

function ignore(): void {}
