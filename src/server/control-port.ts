/**
 * The control port: health, metrics and what `postern apis` asks, over plain HTTP on loopback.
 *
 * Runs in the main thread on node:http; nothing of the data plane depends on it. It has no login, so it answers GET
 * and HEAD only, and only under a name that a web page from elsewhere cannot make point here: an address, localhost, or
 * the configured host (DNS rebinding needs a name of the attacker's own).
 */

import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import net from 'node:net'
import type { ApiList } from './api-list.ts'

export interface ControlSource {
  /** The program can do its work at all. */
  healthy(): boolean
  /** The data ports are open, the definitions are deployed, and no end has been asked for. */
  ready(): boolean
  /** Prometheus text. */
  metrics(): string
  apis(): ApiList
}

export interface ControlPort {
  /** Resolves to the port; rejects with Node's error. */
  listen(port: number, host: string): Promise<number>
  close(): void
}

interface Page {
  readonly description: string
  readonly answer: (source: ControlSource) => Answer
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

const PAGES: Readonly<Record<string, Page>> = {
  '/healthz': {
    description: 'Whether the program works at all.',
    answer: (source) => statusAnswer(source.healthy(), 'ok', 'failing'),
  },
  '/readyz': {
    description: 'Whether it is ready for requests; not while it starts or drains.',
    answer: (source) => statusAnswer(source.ready(), 'ready', 'not ready'),
  },
  '/metrics': {
    description: 'Figures for Prometheus.',
    answer: (source) => ({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: source.metrics(),
    }),
  },
  '/_postern/apis': {
    description: 'The APIs that are served, with their stages, routes and addresses.',
    answer: (source) => jsonAnswer(200, source.apis()),
  },
}

export function createControlPort(source: ControlSource): ControlPort {
  let configuredHost = ''
  const server = http.createServer(
    {
      maxHeaderSize: 8_192,
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => send(request, response, answerTo(request, source, configuredHost)),
  )
  server.maxConnections = 256
  server.maxHeadersCount = 64
  server.on('clientError', (_error, socket) => socket.destroy())
  return {
    listen: (port, host) => {
      configuredHost = host.toLowerCase()
      return new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port, host }, () => {
          server.off('error', reject)
          resolve((server.address() as net.AddressInfo).port)
        })
      })
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function answerTo(request: IncomingMessage, source: ControlSource, configuredHost: string): Answer {
  if (!isOwnName(request.headers.host, configuredHost)) {
    return problemAnswer(421, 'The control port answers to localhost and to addresses only.')
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return problemAnswer(405, 'The control port answers GET and HEAD only.')
  }
  const [path = ''] = (request.url ?? '').split('?', 1)
  const page = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined
  return page === undefined ? notFound() : page.answer(source)
}

/** `localhost`, any `….localhost`, any address, or the name that the operator chose. */
function isOwnName(host: string | undefined, configuredHost: string): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(host ?? '') ?? []
  const name = (bracketed ?? plain ?? '').toLowerCase()
  return (
    net.isIP(name) !== 0 ||
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    (name !== '' && name === configuredHost)
  )
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(answer.status === 405 ? { allow: 'GET, HEAD' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : answer.body)
  // A body that nobody asked for is not read.
  if (!request.complete) response.once('finish', () => request.destroy())
}

function statusAnswer(good: boolean, yes: string, no: string): Answer {
  return jsonAnswer(good ? 200 : 503, { status: good ? yes : no })
}

function notFound(): Answer {
  const pages = Object.entries(PAGES).map(([path, page]) => ({ path, what: page.description }))
  return jsonAnswer(404, { message: 'Nothing is here.', pages })
}

function problemAnswer(status: number, message: string): Answer {
  return jsonAnswer(status, { message })
}

function jsonAnswer(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}
