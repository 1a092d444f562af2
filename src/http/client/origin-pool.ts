// hot path — see STYLE §8
/**
 * The connections of one thread to one origin, and the calls that wait for one.
 *
 * Last in, first out: the connection used most recently is the least likely to be stale, and the rest can time out.
 */

import net, { type Socket } from 'node:net'
import { Timer, type TimerWheel } from '../../base/timer-wheel.ts'
import { ResponseHeadParser } from '../message/response-head-parser.ts'
import { type WireError, wireError } from '../wire-error.ts'
import type { Origin } from './origin.ts'
import { type CallSender, OriginCall } from './origin-call.ts'
import { type ConnectionOwner, OriginConnection } from './origin-connection.ts'
import type { OriginLimits, OriginListener, OriginRequest } from './origin-request.ts'
import { type OriginDialling, OriginHandshakes, type OriginTls } from './origin-tls.ts'

/** Where an origin is and how to reach it. */
export interface OriginAddress {
  readonly host: string
  readonly port: number
  readonly tls: OriginTls | undefined
  /** Through this VPC link, `{vpcLinkId}` or `{vpcLinkId} {apiId}/{stage}`; undefined: by the networks of the gateway. */
  readonly via?: string
  /** How it is dialled, where that is not as the machine would. */
  readonly dialling?: OriginDialling
}

/** One buffer for every plain origin connection of the thread: reads are handled before the next can happen. */
const SHARED_READ_BUFFER = Buffer.allocUnsafeSlow(65_536)

interface PooledSocket extends Socket {
  origin?: OriginConnection
}

export class OriginPool implements Origin, ConnectionOwner, CallSender {
  readonly address: OriginAddress
  readonly secure: boolean
  readonly limits: OriginLimits
  readonly timers: TimerWheel
  readonly parser: ResponseHeadParser
  readonly #handshakes: OriginHandshakes | undefined
  readonly #connections = new Set<OriginConnection>()
  readonly #idle: OriginConnection[] = []
  readonly #waiting = new Set<OriginCall>()
  #connecting = 0
  #closed = false

  constructor(address: OriginAddress, limits: OriginLimits, timers: TimerWheel) {
    this.address = address
    this.secure = address.tls !== undefined
    this.#handshakes = address.tls === undefined ? undefined : new OriginHandshakes(address.tls)
    this.limits = limits
    this.timers = timers
    this.parser = new ResponseHeadParser(limits)
  }

  /** Sends at once on an idle connection, else as soon as there is one. Errors come to the listener, in a later turn. */
  send(request: OriginRequest, listener: OriginListener): OriginCall {
    const call = new OriginCall(request, listener, this)
    const connection = this.#takeIdle()
    if (connection !== undefined) connection.send(call)
    else this.#queue(call)
    return call
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  /**
   * Closes idle connections now and the others when their call ends. Calls that come late are still served: who began
   * under an older snapshot ends under it.
   */
  close(): void {
    this.#closed = true
    for (const connection of this.#connections) {
      const awaited = !connection.connected && this.#waiting.size > 0
      if (connection.call === undefined && !awaited) {
        connection.close('closed', 'never', 'pool closed')
      }
    }
  }

  resend(call: OriginCall): void {
    // A second reused connection could be as stale as the first: this call gets a new one.
    this.#wait(call)
    this.#connect()
  }

  forget(call: OriginCall): void {
    this.#leave(call)
  }

  onFree(connection: OriginConnection): void {
    if (connection.callsDone === 0) this.#connecting--
    for (const call of this.#waiting) {
      this.#leave(call)
      connection.send(call)
      return
    }
    if (this.#closed) connection.close('closed', 'never', 'pool closed')
    else this.#idle.push(connection)
  }

  onClosed(connection: OriginConnection, error: WireError): void {
    this.#connections.delete(connection)
    const at = this.#idle.lastIndexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
    if (!connection.connected) {
      this.#connecting--
      this.#failOne(error)
    }
    if (this.#waiting.size > this.#connecting) this.#connect()
  }

  #takeIdle(): OriginConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop()
      if (connection === undefined || !connection.socket.destroyed) return connection
    }
  }

  #queue(call: OriginCall): void {
    if (this.#waiting.size >= this.limits.waiting) {
      const error = wireError(
        'pool-exhausted',
        'gateway',
        'never',
        'too many calls wait for this origin',
      )
      queueMicrotask(() => call.fail(error))
      return
    }
    this.#wait(call)
    if (this.#waiting.size > this.#connecting) this.#connect()
  }

  /** A place in the queue, for a bounded time. */
  #wait(call: OriginCall): void {
    this.#waiting.add(call)
    if (call.queuedAt === 0) call.queuedAt = this.timers.now()
    call.waitTimer ??= new Timer(() => {
      this.#leave(call)
      const full = this.#connections.size >= this.limits.connections
      call.fail(
        full
          ? wireError(
              'pool-exhausted',
              'gateway',
              'never',
              'no connection to the origin became free in time',
            )
          : wireError('connect-timeout', 'origin', 'never', 'origin did not accept in time'),
      )
    })
    this.timers.set(
      call.waitTimer,
      Math.min(this.limits.connectTimeoutMs, call.request.responseTimeoutMs),
    )
  }

  #leave(call: OriginCall): void {
    this.#waiting.delete(call)
    if (call.waitTimer !== undefined) this.timers.remove(call.waitTimer)
  }

  /** A connection that could not be made fails the call that has waited longest. */
  #failOne(error: WireError): void {
    for (const call of this.#waiting) {
      this.#leave(call)
      call.fail(error)
      return
    }
  }

  #connect(): void {
    if (this.#connections.size >= this.limits.connections) return
    this.#connecting++
    const socket: PooledSocket =
      this.#handshakes === undefined ? this.#plain() : this.#secure(this.#handshakes)
    const connection = new OriginConnection(socket, this)
    socket.origin = connection
    this.#connections.add(connection)
    socket.setNoDelay(true)
    socket.on('error', onError)
    socket.on('end', onEnd)
    socket.on('close', onClose)
    socket.on('drain', onDrain)
  }

  #plain(): Socket {
    const { host, port, dialling } = this.address
    const socket: PooledSocket = net.connect({
      host,
      port,
      ...(dialling === undefined ? {} : { lookup: dialling.lookup }),
      onread: {
        buffer: SHARED_READ_BUFFER,
        callback: (length, bytes) => {
          socket.origin!.received(bytes as Buffer, length)
          return true
        },
      },
    })
    socket.on('connect', onConnect)
    return socket
  }

  #secure(handshakes: OriginHandshakes): Socket {
    const socket = handshakes.connect(this.address)
    socket.on('secureConnect', onConnect)
    socket.on('data', onData)
    return socket
  }
}

function onConnect(this: PooledSocket): void {
  this.origin!.onConnected()
}

function onData(this: PooledSocket, bytes: Buffer): void {
  this.origin!.received(bytes, bytes.length)
}

function onDrain(this: PooledSocket): void {
  this.origin!.onSocketDrain()
}

function onError(this: PooledSocket, error: NodeJS.ErrnoException): void {
  this.origin!.onSocketError(error)
}

function onEnd(this: PooledSocket): void {
  this.origin!.onSocketEnd()
}

function onClose(this: PooledSocket): void {
  this.origin!.onSocketClose()
}
