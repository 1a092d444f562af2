/**
 * Targets from the EndpointSlices of a service in Kubernetes, by list and watch.
 *
 * The list says what there is and as of which version; the watch goes on from there and brings each change. A watch that
 * ends is begun again from the version that was seen last (bookmarks move it on while nothing changes); where the server
 * no longer knows that version (410 Gone, as a status or as an event), everything is listed anew. Whatever else fails is
 * tried again, later each time. A connection on which the server says nothing beyond its own time limit is given up.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */

import type { Random } from '../base/random.ts'
import type { DiscoverySource } from '../domain/discovery-source.ts'
import { backoffMs } from './backoff.ts'
import { type EndpointSlice, targetsOf } from './endpoint-slices.ts'
import type { KubernetesStream } from './kubernetes-api.ts'
import type { After, SourceListener, TargetSource } from './target-source.ts'
import { WatchLines } from './watch-lines.ts'

export interface KubernetesSourceParts {
  readonly source: Extract<DiscoverySource, { kind: 'kubernetes' }>
  readonly api: { get(target: string, signal: AbortSignal): Promise<KubernetesStream> }
  readonly after: After
  readonly random: Random
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: EndpointSlice & { readonly code?: number; readonly message?: string }
}

interface SliceList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items: readonly EndpointSlice[] | null
}

const PAGE = 500
/** The server ends a watch then. */
const WATCH_SECONDS = 290
/** Beyond that it must be gone. */
const SILENCE_MS = (WATCH_SECONDS + 15) * 1_000
/** A slice holds at most a thousand endpoints, of about 300 bytes. */
const EVENT_BYTES_MAX = 4_194_304
const LIST_BYTES_MAX = 67_108_864
const GONE = 410

/** The version is known no more. */
class Gone extends Error {}

export class KubernetesSource implements TargetSource {
  readonly #parts: KubernetesSourceParts
  readonly #slices = new Map<string, EndpointSlice>()
  #listener: SourceListener | undefined
  #abort = new AbortController()
  /** Undefined: everything has to be listed. */
  #version: string | undefined
  #failures = 0
  #cancel: () => void = () => {}

  constructor(parts: KubernetesSourceParts) {
    this.#parts = parts
  }

  start(listener: SourceListener): void {
    this.#listener = listener
    void this.#run()
  }

  stop(): void {
    this.#listener = undefined
    this.#cancel()
    this.#abort.abort()
  }

  async #run(): Promise<void> {
    while (this.#listener !== undefined) {
      try {
        if (this.#version === undefined) await this.#list()
        await this.#watch()
        // Ended as it should, from where it goes on; not at once, whatever the server does.
        this.#failures = 0
        await this.#pause(backoffMs(0, this.#parts.random))
      } catch (thrown) {
        await this.#failed(thrown)
      }
    }
  }

  /** Waits before the next attempt. What is gone is not the server's fault: it is listed at once, the first time. */
  async #failed(thrown: unknown): Promise<void> {
    if (this.#listener === undefined) return
    if (thrown instanceof Gone) this.#version = undefined
    if (thrown instanceof Gone && this.#failures === 0) {
      this.#failures = 1
      return
    }
    this.#listener.failed(`${this.#name()}: ${reasonOf(thrown)}`)
    await this.#pause(backoffMs(this.#failures++, this.#parts.random))
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const cancel = this.#parts.after(delayMs, resolve)
      this.#cancel = () => {
        cancel()
        resolve()
      }
    })
  }

  /** In pages, all of one version. Nothing is replaced before the last has come. */
  async #list(): Promise<void> {
    const found: EndpointSlice[] = []
    let next: string | undefined
    let version: string
    do {
      const more = next === undefined ? '' : `&continue=${encodeURIComponent(next)}`
      const { body } = await this.#get(`&limit=${PAGE}${more}`)
      const { items, metadata } = await readList(body)
      found.push(...(items ?? []))
      version = metadata.resourceVersion
      next = metadata.continue || undefined
    } while (next !== undefined)
    this.#slices.clear()
    for (const slice of found) this.#slices.set(slice.metadata.name, slice)
    this.#version = version
    this.#tell()
  }

  async #watch(): Promise<void> {
    const from = `&resourceVersion=${encodeURIComponent(this.#version!)}`
    const how = `&watch=true&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}`
    const silent = this.#parts.after(SILENCE_MS, () =>
      this.#abort.abort(new Error('the watch fell silent')),
    )
    try {
      const { body } = await this.#get(how + from)
      // As fresh as it can be: the server would have said otherwise.
      this.#tell()
      const lines = new WatchLines(EVENT_BYTES_MAX)
      for await (const chunk of body) {
        for (const line of lines.take(chunk)) this.#take(JSON.parse(line) as WatchEvent)
      }
    } finally {
      silent()
    }
  }

  #take({ type, object }: WatchEvent): void {
    if (type === 'ERROR') {
      if (object.code === GONE) throw new Gone(object.message)
      throw new Error(`the watch ended: ${object.message ?? 'for no reason'}`)
    }
    this.#version = object.metadata.resourceVersion ?? this.#version
    this.#failures = 0
    if (type === 'DELETED') this.#slices.delete(object.metadata.name)
    else if (type !== 'BOOKMARK') this.#slices.set(object.metadata.name, object)
    this.#tell()
  }

  async #get(query: string): Promise<KubernetesStream> {
    const { source, api } = this.#parts
    const selector = encodeURIComponent(`kubernetes.io/service-name=${source.service}`)
    const path = `/apis/discovery.k8s.io/v1/namespaces/${source.namespace}/endpointslices`
    if (this.#listener !== undefined && this.#abort.signal.aborted) {
      this.#abort = new AbortController()
    }
    const answer = await api.get(`${path}?labelSelector=${selector}${query}`, this.#abort.signal)
    if (answer.status === 200) return answer
    // What the answer says besides is not read: its connection ends with it.
    this.#abort.abort()
    if (answer.status === GONE) throw new Gone()
    throw new Error(`the API server answered ${answer.status}`)
  }

  #tell(): void {
    this.#listener?.found(targetsOf(this.#slices.values(), this.#parts.source.port))
  }

  #name(): string {
    const { namespace, service } = this.#parts.source
    return `EndpointSlices of ${namespace}/${service}`
  }
}

async function readList(body: AsyncIterable<Buffer>): Promise<SliceList> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > LIST_BYTES_MAX) throw new Error('the list is too long')
    chunks.push(chunk)
  }
  const list = JSON.parse(Buffer.concat(chunks).toString('utf8')) as SliceList
  if (typeof list.metadata?.resourceVersion !== 'string') throw new Error('the answer is no list')
  return list
}

function reasonOf(thrown: unknown): string {
  const { code, message } = thrown as NodeJS.ErrnoException
  return code ?? message
}
