/**
 * The connection of an accepted socket without the socket: what Node's sockets are wrapped around.
 *
 * Node makes a whole stream for each connection that it accepts. Where another one is made of it at once, the first is
 * the larger part of what accepting costs; so it is not made, or its handle is moved out of it. None of this is Node's
 * public interface: each step is taken only where things look as expected, and otherwise nothing is changed.
 */

import type { Server, Socket } from 'node:net'

/** Node's `TCP`, as far as it is used here. */
export interface AcceptedHandle {
  onread: unknown
  setNoDelay(on: boolean): number
  close(done?: () => void): void
}

export interface Accepted {
  readonly handle: AcceptedHandle
  /** Counts the connection until the socket that has it as its `_server` closes. */
  readonly server: Server
}

/** What a socket knows of its listener, by both names that it has in Node. */
export interface SocketInternals {
  _handle: AcceptedHandle | null
  _server: Server | null
  server: Server | null
}

type OnConnection = (error: number, handle: AcceptedHandle | undefined) => void

interface ServerInternals {
  readonly _handle?: { onconnection?: OnConnection } | null
  _connections?: number
}

/** Moves the connection out of the accepted socket, which is of no use afterwards; undefined: it stays where it is. */
export function takeHandle(accepted: Socket): Accepted | undefined {
  const internals = accepted as unknown as SocketInternals
  const { _handle: handle, _server: server } = internals
  if (handle === null || typeof handle !== 'object' || server === null) return undefined
  internals._handle = null
  internals._server = null
  internals.server = null
  return { handle, server }
}

/**
 * From now on `take` is offered each connection before a socket is made of it. False: it becomes one, as it does when
 * the server is full. The server must be listening.
 */
export function acceptHandles(server: Server, take: (accepted: Accepted) => boolean): void {
  const internals = server as unknown as ServerInternals
  const listening = internals._handle
  const usual = listening?.onconnection
  if (listening == null || typeof usual !== 'function') return
  listening.onconnection = function onConnection(this: unknown, error, handle): void {
    const open = internals._connections
    const isUsual = error !== 0 || handle === undefined || open === undefined
    if (isUsual || open >= server.maxConnections || !take({ handle, server })) {
      usual.call(this, error, handle)
    } else internals._connections = open + 1
  }
}
