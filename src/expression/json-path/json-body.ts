/**
 * Message bodies as parsed JSON, for the paths that parameter mapping applies to them.
 */

import { parseKeepingNumbers } from './json-source.ts'

/** Beyond this, a body is cut before a path is applied (AWS: 100 KB); what is cut is hardly JSON any more. */
export const JSON_BODY_BYTES_MAX = 102_400

const decoder = new TextDecoder()

interface ParsedBody {
  readonly requestId: string
  readonly document: unknown
}

/**
 * Parsed bodies, so that several rules read one body at the price of one parse. A view on a reused buffer is told from
 * its earlier content by the identifier of the call.
 */
export class JsonBodies {
  readonly #parsed = new WeakMap<Uint8Array, ParsedBody>()

  /** The parsed body; undefined when it is not JSON. */
  parse(body: Uint8Array, requestId: string): unknown {
    const known = this.#parsed.get(body)
    if (known !== undefined && known.requestId === requestId) return known.document
    const document = parseJsonBody(body)
    this.#parsed.set(body, { requestId, document })
    return document
  }
}

/** The body as text, whole. */
export function bodyText(body: Uint8Array): string {
  return decoder.decode(body)
}

/** The parsed beginning of the body; undefined when it is not JSON. */
export function parseJsonBody(body: Uint8Array): unknown {
  const head = body.length > JSON_BODY_BYTES_MAX ? body.subarray(0, JSON_BODY_BYTES_MAX) : body
  try {
    return parseKeepingNumbers(bodyText(head))
  } catch {
    // Invalid JSON, or nested beyond the stack: no path finds anything in it.
    return undefined
  }
}
