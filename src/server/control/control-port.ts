/**
 * The control port: health and metrics for everybody who reaches it, the management APIs for those who sign.
 *
 * Plain HTTP, on loopback unless told otherwise, in the main thread on node:http; nothing of the data plane depends on
 * it. What needs no signature answers GET and HEAD only, and only under a name that a web page from elsewhere cannot
 * make point here: an address, localhost, or the configured host (DNS rebinding needs a name of the attacker's own).
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import net from 'node:net'
import { createMainThreadPort, type MainThreadPort } from './main-thread-port.ts'
import { endWithUnreadBody } from './unread-body.ts'

export interface ControlSource {
  /** The program can do its work at all. */
  healthy(): boolean
  /** The data ports are open, the definitions are deployed, and no end has been asked for. */
  ready(): boolean
  /** Prometheus text. */
  metrics(): string
}

/** Takes every call that is not for a page. */
export interface ControlCalls {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Calls need no signature, so the name they came under counts here, too. */
  readonly unsigned: boolean
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
  '/': {
    description: 'This list.',
    answer: () => jsonAnswer(200, { message: SIGNED, pages: pageList() }),
  },
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
}

export function createControlPort(source: ControlSource, calls: ControlCalls): MainThreadPort {
  let configuredHost = ''
  const times = { requestTimeoutMs: 60_000, unreadTimeoutMs: 120_000 }
  const port = createMainThreadPort(times, (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    const page = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined
    const isOwn = isOwnName(request.headers.host, configuredHost)
    if (!isOwn && (page !== undefined || calls.unsigned)) send(request, response, MISDIRECTED)
    else if (page === undefined || (path === '/' && request.method === 'POST')) {
      void calls.handle(request, response)
    } else send(request, response, answerOf(page, request, source))
  })
  return {
    listen: (number, host) => {
      configuredHost = host.toLowerCase()
      return port.listen(number, host)
    },
    close: () => port.close(),
  }
}

const SIGNED =
  'AWS calls are answered here when they are signed: eval "$(postern env)" sets endpoint and keys.'

function pageList() {
  return Object.entries(PAGES).map(([path, page]) => ({ path, what: page.description }))
}

const MISDIRECTED = jsonAnswer(421, {
  message:
    'The control port answers to localhost, to addresses, and to the name that --control-host gives it.',
})

function answerOf(page: Page, request: IncomingMessage, source: ControlSource): Answer {
  if (request.method === 'GET' || request.method === 'HEAD') return page.answer(source)
  return jsonAnswer(405, { message: 'This page answers GET and HEAD only.' })
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
  endWithUnreadBody(request, response)
}

function statusAnswer(good: boolean, yes: string, no: string): Answer {
  return jsonAnswer(good ? 200 : 503, { status: good ? yes : no })
}

function jsonAnswer(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}
