/**
 * The service behind the quickstart: a small pet shop on plain node:http, as anybody might write it.
 *
 * It knows nothing of Postern. Pets live in memory, photographs too; /events tells every listener what happens.
 */

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

interface Pet {
  readonly id: string
  readonly name: string
  readonly kind: string
}

interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** What the pattern of the route captured. */
  readonly captured: string
}

interface Endpoint {
  readonly method: string
  readonly path: RegExp
  readonly run: (shop: Shop, call: Call) => void | Promise<void>
}

/** Proxies on the way close a stream on which nothing moves. */
const HEARTBEAT_MS = 15_000
const PHOTO_BYTES_MAX = 10 * 1024 * 1024

const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: /^\/pets$/, run: listPets },
  { method: 'POST', path: /^\/pets$/, run: addPet },
  { method: 'GET', path: /^\/pets\/([^/]+)$/, run: getPet },
  { method: 'DELETE', path: /^\/pets\/([^/]+)$/, run: sellPet },
  { method: 'PUT', path: /^\/photos\/([^/]+)$/, run: storePhoto },
  { method: 'GET', path: /^\/photos\/([^/]+)$/, run: getPhoto },
  { method: 'GET', path: /^\/events$/, run: listen },
  { method: 'GET', path: /^\/guides\/(.+)$/, run: getGuide },
]

const GUIDES: Readonly<Record<string, string>> = {
  'cats/feeding': 'Cats eat when they like. Leave something out.\n',
  'dogs/walking': 'Dogs walk when they can. Go with them.\n',
}

class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

class Shop {
  readonly pets = new Map<string, Pet>()
  readonly photos = new Map<string, { type: string; bytes: Buffer }>()
  readonly listeners = new Set<ServerResponse>()
  #lastId = 0
  #lastEvent = 0

  add(name: string, kind: string): Pet {
    const pet = { id: String(++this.#lastId), name, kind }
    this.pets.set(pet.id, pet)
    this.tell('added', pet)
    return pet
  }

  tell(event: string, pet: Pet): void {
    const message = `id: ${++this.#lastEvent}\nevent: ${event}\ndata: ${JSON.stringify(pet)}\n\n`
    for (const listener of this.listeners) listener.write(message)
  }
}

/** The shop as an HTTP server that is not listening yet. */
export function petShop(): Server {
  const shop = new Shop()
  for (const [name, kind] of [
    ['Mia', 'cat'],
    ['Rex', 'dog'],
    ['Coco', 'parrot'],
  ] as const) {
    shop.add(name, kind)
  }
  return createServer((request, response) => {
    answer(shop, request, response).catch((error: Error) => {
      const status = error instanceof Refusal ? error.status : 400
      if (!response.headersSent) json(response, status, { message: error.message })
      else response.destroy()
    })
  })
}

async function answer(
  shop: Shop,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://shop')
  for (const { method, path, run } of ENDPOINTS) {
    const match = method === request.method ? path.exec(url.pathname) : null
    if (match === null) continue
    const captured = decodeURIComponent(match[1] ?? '')
    return run(shop, { request, response, url, captured })
  }
  throw new Refusal(404, `the shop has no ${request.method} ${url.pathname}`)
}

function listPets(shop: Shop, { response, url }: Call): void {
  const kind = url.searchParams.get('kind')
  json(
    response,
    200,
    [...shop.pets.values()].filter((pet) => kind === null || pet.kind === kind),
  )
}

async function addPet(shop: Shop, { request, response }: Call): Promise<void> {
  const { name, kind } = JSON.parse((await body(request, 64 * 1024)).toString()) as Partial<Pet>
  if (typeof name !== 'string' || typeof kind !== 'string') {
    throw new Refusal(422, 'a pet has a name and a kind')
  }
  const pet = shop.add(name, kind)
  response.setHeader('location', `/pets/${pet.id}`)
  json(response, 201, pet)
}

function getPet(shop: Shop, { request, response, captured }: Call): void {
  const pet = shop.pets.get(captured)
  if (pet === undefined) throw new Refusal(404, `no pet ${captured}`)
  json(response, 200, { ...pet, askedAs: request.headers['x-request-id'] ?? 'nobody' })
}

function sellPet(shop: Shop, { response, captured }: Call): void {
  const pet = shop.pets.get(captured)
  if (pet === undefined) throw new Refusal(404, `no pet ${captured}`)
  shop.pets.delete(captured)
  shop.tell('sold', pet)
  response.writeHead(204).end()
}

async function storePhoto(shop: Shop, { request, response, captured }: Call): Promise<void> {
  const bytes = await body(request, PHOTO_BYTES_MAX)
  const type = request.headers['content-type'] ?? 'application/octet-stream'
  shop.photos.set(captured, { type, bytes })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  json(response, 201, { petId: captured, bytes: bytes.length, sha256 })
}

function getPhoto(shop: Shop, { response, captured }: Call): void {
  const photo = shop.photos.get(captured)
  if (photo === undefined) throw new Refusal(404, `no photo of ${captured}`)
  response.writeHead(200, { 'content-type': photo.type }).end(photo.bytes)
}

function listen(shop: Shop, { response }: Call): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write(`event: welcome\ndata: {"pets":${shop.pets.size}}\n\n`)
  shop.listeners.add(response)
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS)
  response.on('close', () => {
    clearInterval(heartbeat)
    shop.listeners.delete(response)
  })
}

function getGuide(_shop: Shop, { response, captured }: Call): void {
  const guide = GUIDES[captured]
  if (guide === undefined) throw new Refusal(404, `no guide ${captured}`)
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(guide)
}

async function body(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new Refusal(413, `more than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(`${JSON.stringify(value)}\n`)
}

if (import.meta.main) {
  const server = petShop()
  server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    console.log(`pet shop: http://127.0.0.1:${port}`)
  })
}
