/**
 * A Kubernetes API server that knows EndpointSlices: strict about who asks and how, with lists in pages, watches, bookmarks,
 * and a memory of versions that can be cut, after which old ones are gone.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { makeAuthority, makeServerCertificate } from '../../src/certificates/certificate.ts'

interface Slice {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly resourceVersion: string
    readonly labels: Readonly<Record<string, string>>
  }
  readonly [member: string]: unknown
}

interface Event {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: Slice
}

interface Watch {
  readonly response: ServerResponse
  readonly selector: string
}

const KNOWN = [
  'labelSelector',
  'limit',
  'continue',
  'watch',
  'allowWatchBookmarks',
  'timeoutSeconds',
  'resourceVersion',
]
const PATH = /^\/apis\/discovery\.k8s\.io\/v1\/namespaces\/([a-z0-9-]+)\/endpointslices$/

export class KubernetesServer {
  /** With `token` and `ca.crt`. */
  readonly credentials: string
  readonly token = 'pod-token'
  /** `list`, `list continued`, `watch 7`, `401`: what was asked, in order. */
  readonly asked: string[] = []
  /** At most so many slices in a page, whatever is asked for. */
  pageSize = 500
  /** Answers everything with it; undefined: as it should. */
  broken: number | undefined
  url = ''
  #version = 100
  #oldest = 100
  readonly #slices = new Map<string, Slice>()
  readonly #events: Event[] = []
  readonly #watches = new Set<Watch>()

  constructor(credentials: string) {
    this.credentials = credentials
  }

  put(name: string, service: string, addresses: readonly string[], port = 8080): void {
    const before = this.#slices.get(name)
    const slice: Slice = {
      addressType: 'IPv4',
      metadata: {
        name,
        namespace: 'prod',
        resourceVersion: String(++this.#version),
        labels: { 'kubernetes.io/service-name': service },
      },
      endpoints: addresses.map((address) => ({
        addresses: [address],
        conditions: { ready: true },
      })),
      ports: [{ name: 'http', port, protocol: 'TCP' }],
    }
    this.#slices.set(name, slice)
    this.#happened({ type: before === undefined ? 'ADDED' : 'MODIFIED', object: slice })
  }

  remove(name: string): void {
    const slice = this.#slices.get(name)!
    const metadata = { ...slice.metadata, resourceVersion: String(++this.#version) }
    this.#slices.delete(name)
    this.#happened({ type: 'DELETED', object: { ...slice, metadata } })
  }

  /** The version moves on, by changes of others. */
  bookmark(): void {
    this.#version += 10
    const metadata = { resourceVersion: String(this.#version) }
    const object = { kind: 'EndpointSlice', metadata }
    for (const { response } of this.#watches) write(response, { type: 'BOOKMARK', object })
  }

  /** Versions of before are forgotten; watches end. */
  compact(): void {
    this.#oldest = ++this.#version
    this.#events.length = 0
    this.endWatches()
  }

  /** As an expired watch is told while it runs. */
  expire(): void {
    this.#oldest = ++this.#version
    this.#events.length = 0
    const object = { kind: 'Status', code: 410, message: 'too old resource version' }
    for (const { response } of this.#watches) write(response, { type: 'ERROR', object })
    this.endWatches()
  }

  endWatches(): void {
    for (const { response } of this.#watches) response.end()
    this.#watches.clear()
  }

  /** Connections break in the middle of a line. */
  breakWatches(): void {
    for (const { response } of this.#watches) {
      response.write('{"type":"MODI')
      setImmediate(() => response.destroy())
    }
    this.#watches.clear()
  }

  get watching(): number {
    return this.#watches.size
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', this.url)
    const problem = this.#problemOf(request, url)
    if (problem !== undefined) {
      this.asked.push(String(problem))
      response.writeHead(problem, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ kind: 'Status', code: problem }))
    } else if (url.searchParams.get('watch') === 'true') this.#watch(url, response)
    else this.#list(url, response)
  }

  #problemOf({ method, headers }: IncomingMessage, url: URL): number | undefined {
    if (this.broken !== undefined) return this.broken
    if (headers.authorization !== `Bearer ${this.token}`) return 401
    if (method !== 'GET') return 405
    if (PATH.exec(url.pathname)?.[1] !== 'prod') return 403
    const { searchParams: query } = url
    if ([...query.keys()].some((name) => !KNOWN.includes(name))) return 400
    if (!/^kubernetes\.io\/service-name=[a-z0-9-]+$/.test(query.get('labelSelector') ?? ''))
      return 400
    const isWatch = query.get('watch') === 'true'
    if (isWatch && (query.has('limit') || !/^\d+$/.test(query.get('resourceVersion') ?? '')))
      return 400
    if (isWatch && !/^\d+$/.test(query.get('timeoutSeconds') ?? '')) return 400
    if (isWatch && Number(query.get('resourceVersion')) < this.#oldest) return 410
    if (isWatch && query.get('allowWatchBookmarks') !== 'true') return 400
    return undefined
  }

  #list(url: URL, response: ServerResponse): void {
    const { searchParams: query } = url
    this.asked.push(query.has('continue') ? 'list continued' : 'list')
    const selected = [...this.#slices.values()].filter((slice) => isSelected(slice, query))
    const start = Number(query.get('continue') ?? 0)
    const end = start + Math.min(Number(query.get('limit') ?? 500), this.pageSize)
    const metadata = {
      resourceVersion: String(this.#version),
      ...(end < selected.length ? { continue: String(end) } : {}),
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    const items = selected.slice(start, end)
    response.end(JSON.stringify({ kind: 'EndpointSliceList', metadata, items }))
  }

  #watch(url: URL, response: ServerResponse): void {
    const { searchParams: query } = url
    const from = Number(query.get('resourceVersion'))
    this.asked.push(`watch ${from}`)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const watch = { response, selector: query.get('labelSelector')! }
    this.#watches.add(watch)
    response.on('close', () => this.#watches.delete(watch))
    for (const event of this.#events) {
      const isNew = Number(event.object.metadata.resourceVersion) > from
      if (isNew && isSelected(event.object, query)) write(response, event)
    }
  }

  #happened(event: Event): void {
    this.#events.push(event)
    for (const { response, selector } of this.#watches) {
      const query = new URLSearchParams({ labelSelector: selector })
      if (isSelected(event.object, query)) write(response, event)
    }
  }
}

function isSelected({ metadata }: Slice, query: URLSearchParams): boolean {
  const [label = '', value] = query.get('labelSelector')!.split('=')
  return metadata.labels[label] === value
}

/** In two pieces, as a network might. */
function write(response: ServerResponse, event: object): void {
  const line = `${JSON.stringify(event)}\n`
  response.write(line.slice(0, 9))
  response.write(line.slice(9))
}

/** Starts one, with an authority of its own; it ends with the test. */
export async function startKubernetes(t: TestContext): Promise<KubernetesServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-kubernetes-'))
  const kubernetes = new KubernetesServer(folder)
  const now = Date.now()
  const validity = { fromEpochMs: now - 60_000, untilEpochMs: now + 3_600_000 }
  const authority = makeAuthority(validity)
  const pair = makeServerCertificate(authority, ['localhost'], validity)
  writeFileSync(join(folder, 'token'), `${kubernetes.token}\n`)
  writeFileSync(join(folder, 'ca.crt'), authority.certificate)
  const server = createServer(
    { cert: pair.certificate, key: pair.privateKey },
    (request, response) => kubernetes.answer(request, response),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  kubernetes.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.after(() => {
    kubernetes.endWatches()
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
  return kubernetes
}
