/**
 * The JSON text of a request or response body, parsed with what an open port needs: valid UTF-8, a limit on nesting.
 *
 * `JSON.parse` makes `__proto__` an own member like any other, and the last of two equal keys wins; whoever copies from
 * its result keeps to that.
 */

import { ServiceError } from './service-error.ts'

const DEPTH_MAX = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Throws a SerializationException. */
export function parseJsonBody(body: Uint8Array): unknown {
  if (isNestedDeeper(body, DEPTH_MAX)) {
    throw malformed(`it is nested deeper than ${DEPTH_MAX} levels.`)
  }
  try {
    return JSON.parse(decoder.decode(body))
  } catch (error) {
    throw malformed(error instanceof SyntaxError ? error.message : 'it is not UTF-8.')
  }
}

/** Without parsing: brackets outside strings. In UTF-8 no byte of a longer character looks like one. */
function isNestedDeeper(body: Uint8Array, depthMax: number): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]!
    if (inString) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > depthMax) return true
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return false
}

function malformed(reason: string): ServiceError {
  return new ServiceError('SerializationException', `The request body is not valid JSON: ${reason}`)
}
