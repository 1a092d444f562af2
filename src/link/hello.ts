/** What hub and agent say of themselves on the first stream of a connection, and the hub again when its list changes. */

import type { LinkAllowance } from '../domain/link.ts'
import { LINK_VERSION } from '../domain/link-enrolment.ts'
import type { FieldReader } from './h2/field-block.ts'
import type { LinkStream, StreamListener } from './h2/stream.ts'

const HELLO_BYTES_MAX = 1_048_576

export interface HubHello {
  readonly version: number
  readonly gatewayId: string
  readonly worker: number
  readonly workers: number
  readonly allow: readonly LinkAllowance[]
}

export interface AgentHello {
  readonly version: number
  readonly agentVersion: string
  readonly label: string
}

/** Members that are not known are skipped; undefined when one that is needed is missing, or the version is too far off. */
export function readHubHello(text: string): HubHello | undefined {
  const said = readObject(text)
  if (said === undefined || !isNear(said['version'])) return undefined
  const { gatewayId, worker, workers, allow } = said
  if (typeof gatewayId !== 'string' || !isCount(worker) || !isCount(workers)) return undefined
  if (!Array.isArray(allow) || worker >= workers) return undefined
  const version = said['version'] as number
  return { version, gatewayId, worker, workers, allow: allow.filter(isAllowance) }
}

export function readAgentHello(text: string): AgentHello | undefined {
  const said = readObject(text)
  if (said === undefined || !isNear(said['version'])) return undefined
  const { agentVersion, label } = said
  return {
    version: said['version'] as number,
    agentVersion: plain(agentVersion),
    label: plain(label),
  }
}

/** It ends up in lists and logs. */
function plain(value: unknown): string {
  return typeof value === 'string' ? value.replace(/[^\w.+-]/g, '').slice(0, 64) : ''
}

/** One release of skew is tolerated, either way. */
function isNear(version: unknown): boolean {
  return typeof version === 'number' && Math.abs(version - LINK_VERSION) <= 1
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 10_000
}

/** An allowance that is not understood allows nothing. */
function isAllowance(value: unknown): value is LinkAllowance {
  if (typeof value !== 'object' || value === null) return false
  const { host, port, pathPrefix, stage } = value as Partial<LinkAllowance>
  return (
    typeof host === 'string' &&
    isCount(port === undefined ? -1 : Math.min(port, 9_999)) &&
    typeof pathPrefix === 'string' &&
    (stage === undefined || typeof stage === 'string')
  )
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Collects the body of a hello. */
export class HelloReader implements StreamListener {
  readonly #stream: () => LinkStream | undefined
  readonly #done: (text: string | undefined) => void
  #text = ''

  /** `done` gets undefined when there is none. */
  constructor(stream: () => LinkStream | undefined, done: (text: string | undefined) => void) {
    this.#stream = stream
    this.#done = done
  }

  onHeaders(_fields: FieldReader, ended: boolean): void {
    if (ended) this.#done(undefined)
  }

  onData(chunk: Buffer): void {
    this.#text += chunk.toString('latin1', 0, chunk.length)
    if (this.#text.length > HELLO_BYTES_MAX) this.#stream()?.reset(2)
  }

  onEnd(): void {
    this.#done(Buffer.from(this.#text, 'latin1').toString('utf8'))
  }

  onWritable(): void {}

  onReset(): void {
    this.#done(undefined)
  }
}
