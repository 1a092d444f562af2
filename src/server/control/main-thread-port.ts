/**
 * What the ports of the main thread have in common: node:http with bounds on everything, how they open, how they end.
 */

import type { RequestListener } from 'node:http'
import type net from 'node:net'
import { nodeHttp } from '../../base/node-http.ts'
import { closeLateClients } from './late-clients.ts'

/** A thousand clients may come in the same moment; the system's own bound holds, too. */
const BACKLOG = 2_048

export interface MainThreadPort {
  /** Resolves to the port; rejects with Node's error. */
  listen(port: number, host: string): Promise<number>
  close(): void
}

export interface PortTimes {
  /** From the head of a request to its last byte. */
  readonly requestTimeoutMs: number
  /** Of a client that does not read its answer. */
  readonly unreadTimeoutMs: number
}

export function createMainThreadPort(times: PortTimes, handle: RequestListener): MainThreadPort {
  const server = nodeHttp.createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: 5_000,
      requestTimeout: times.requestTimeoutMs,
      keepAliveTimeout: 60_000,
      connectionsCheckingInterval: 5_000,
    },
    handle,
  )
  server.maxConnections = 2_048
  server.timeout = times.unreadTimeoutMs
  server.maxHeadersCount = 64
  closeLateClients(server)
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port, host, backlog: BACKLOG }, () => {
          server.off('error', reject)
          resolve((server.address() as net.AddressInfo).port)
        })
      }),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
