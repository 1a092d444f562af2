/** The plain-text port: accepts connections and gives each its HTTP/1 loop. */

import net from 'node:net'
import type { ClientConnection } from '../exchange.ts'
import { wireError } from '../wire-error.ts'
import { describeClient } from './client-connection.ts'
import { H1Connection, H1Context, onRead } from './h1-connection.ts'
import type { HttpListener, ListenAddress, ServerContext } from './server-context.ts'
import { hearReads, withSharedReads } from './shared-read.ts'

/** A listener for `http://`; one for each worker thread and port. */
export function createHttpServer(context: ServerContext): HttpListener {
  const http1 = new H1Context(context)
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    acceptHttp1(socket, http1)
  })
  return {
    listen: (address) => listen(server, address),
    drain: () => drainListener(server, context),
    destroy: () => destroyConnections(server, context),
    admit: (open) => admitConnections(server, open ? Number.MAX_SAFE_INTEGER : 0),
    spare: connectionSparer(context),
  }
}

function acceptHttp1(accepted: net.Socket, http1: H1Context): void {
  const { stats, limits } = http1.server
  stats.connectionsAccepted++
  stats.connectionsOpen++
  const socket = withSharedReads(accepted, onRead)
  const connection = new H1Connection(socket, describeClient(socket, undefined), http1)
  socket.resume()
  if (stats.connectionsOpen > limits.connections) {
    connection.refuse(wireError('overloaded', 'gateway', 'always', 'too many client connections'))
  }
}

/** For the TLS port: takes over a secured socket that speaks HTTP/1; its listener has counted it. */
export function acceptSecureHttp1(
  context: ServerContext,
): (socket: net.Socket, client: ClientConnection) => void {
  const http1 = new H1Context(context)
  return (socket, client) => {
    new H1Connection(socket, client, http1)
    hearReads(socket, onRead)
  }
}

/** Resolves to the bound port. */
export function listen(server: net.Server, address: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(
      {
        port: address.port,
        ...(address.host === undefined ? {} : { host: address.host }),
        reusePort: address.reusePort === true,
        backlog: 4_096,
      },
      () => {
        server.off('error', reject)
        // A failed accept (no file descriptors left) loses that connection, never the listener.
        server.on('error', ignoreAcceptError)
        resolve((server.address() as net.AddressInfo).port)
      },
    )
  })
}

function ignoreAcceptError(): void {}

/** Stops accepting, lets every connection finish, resolves when the last has closed. */
export function drainListener(server: net.Server, context: ServerContext): Promise<void> {
  context.draining = true
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const connection of context.connections) connection.drain()
  })
}

/** Node closes what comes beyond, without a byte read. */
export function admitConnections(server: net.Server, connectionsMax: number): void {
  server.maxConnections = connectionsMax
}

/** Goes around the open connections, a few at a time: there may be tens of thousands. */
export function connectionSparer(context: ServerContext): (count: number) => void {
  let rest = context.connections.values()
  return (count) => {
    for (let i = 0; i < count; i++) {
      const { value, done } = rest.next()
      if (done === true) {
        rest = context.connections.values()
        return
      }
      value.spare()
    }
  }
}

export function destroyConnections(server: net.Server, context: ServerContext): void {
  server.close()
  for (const connection of context.connections) connection.destroy()
}
