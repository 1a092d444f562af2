/**
 * The internal service: orders, as a company has them behind its walls. It listens on loopback, knows nothing of tokens or
 * of Postern, and believes the headers that the gateway sets. Every answer says under whose name it was asked.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

interface Order {
  readonly id: string
  readonly item: string
  readonly by: string
}

const BODY_BYTES_MAX = 64 * 1024

/** Not listening yet. */
export function ordersService(): Server {
  const orders = new Map<string, Order>()
  orders.set('41', { id: '41', item: 'a kettle', by: 'somebody else' })
  orders.set('42', { id: '42', item: 'a towel', by: 'somebody else' })
  return createServer((request, response) => {
    answer(orders, request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy()
      else json(response, 400, { message: error.message })
    })
  })
}

async function answer(
  orders: Map<string, Order>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method } = request
  const { pathname: path } = new URL(request.url ?? '/', 'http://service')
  const asked = seen(request)
  const [, id] = /^\/private\/orders\/([^/]+)$/.exec(path) ?? []
  if (method === 'GET' && path === '/private/health') return json(response, 200, { healthy: true })
  if (method === 'GET' && path === '/private/orders') {
    return json(response, 200, { orders: [...orders.values()], asked })
  }
  if (method === 'POST' && path === '/private/orders') {
    const { item } = JSON.parse(await bodyOf(request)) as { item?: unknown }
    if (typeof item !== 'string') throw new Error('an order has an item')
    const order = { id: String(41 + orders.size), item, by: asked.user ?? asked.client ?? 'nobody' }
    orders.set(order.id, order)
    return json(response, 201, { ...order, asked })
  }
  const order = method === 'GET' && id !== undefined ? orders.get(id) : undefined
  if (order !== undefined) return json(response, 200, { ...order, asked })
  json(response, 404, { message: `the service has no ${method} ${path}`, asked })
}

/** What the gateway tells the service about the call, and what a client may have tried to. */
function seen({ url, headers }: IncomingMessage) {
  return {
    path: url,
    client: text(headers['x-client-id']),
    user: text(headers['x-user']),
    requestId: text(headers['x-request-id']),
    trace: text(headers['traceparent']),
    role: text(headers['x-internal-role']),
    cookie: text(headers['cookie']),
    certificate: text(headers['x-forwarded-client-cert']),
  }
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join() : value
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk
    if (body.length > BODY_BYTES_MAX) throw new Error('too long for an order')
  }
  return body
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(value)}\n`)
}
