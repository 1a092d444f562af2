/**
 * Who takes too long to send a request to a port of the main thread is cut off; who has sent it, and waits for us, is not.
 *
 * node:http measures `headersTimeout` from the moment when a connection is accepted, and `requestTimeout` from the head on,
 * with its own lateness in it: in a thread that was busy for as long, a request that has lain in its socket all the while is
 * over time (https://nodejs.org/api/http.html#serverheaderstimeout). So the connection gets one turn of the event loop,
 * in which all that has come is read, before it is closed.
 */

import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

const OVER_TIME = 'ERR_HTTP_REQUEST_TIMEOUT'

/** Takes over what the server does about clients that err: their connections are closed. */
export function closeLateClients(server: Server): void {
  const newest = new WeakMap<Duplex, IncomingMessage>()
  server.on('request', (request: IncomingMessage) => newest.set(request.socket, request))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code !== OVER_TIME) return void socket.destroy()
    const before = newest.get(socket)
    setImmediate(() => {
      const request = newest.get(socket)
      if (request === undefined || (request === before && !request.complete)) socket.destroy()
      else closeUnlessComplete(server, request)
    })
  })
}

/** Node has stopped watching a connection once it has called it late. */
function closeUnlessComplete(server: Server, request: IncomingMessage): void {
  if (request.complete) return
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy()
  }, server.requestTimeout)
  request.socket.once('close', () => clearTimeout(timer))
}
