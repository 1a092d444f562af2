// hot path — see STYLE §8
/**
 * One canonical path for every request, computed once: what the router matches, what authorization and logs see and
 * what the origin gets are the same.
 *
 * Where two readings of a path are possible, as for dot segments or encoded slashes, the request is refused rather than
 * guessed at. Otherwise: slashes are merged, unreserved characters are decoded, hexadecimal digits are upper case
 * (RFC 3986 §6.2.2).
 */

import { HEX } from './characters.ts'

const SLASH = 0x2f
const DOT = 0x2e
const PERCENT = 0x25
const SEMICOLON = 0x3b
const BACKSLASH = 0x5c

/** The canonical form of a path that begins with `/` and holds only legal characters; '' when it is refused. */
export function canonicalPath(path: string): string {
  return isPlain(path) ? path : rewrite(path)
}

/** Nearly every path: nothing encoded, no parameters, no empty or dotted segments. */
function isPlain(path: string): boolean {
  let previous = 0
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code === PERCENT || code === SEMICOLON) return false
    if (previous === SLASH && (code === SLASH || code === DOT)) return false
    previous = code
  }
  return true
}

function rewrite(path: string): string {
  const segments = path.split('/')
  let canonical = ''
  for (let i = 1; i < segments.length; i++) {
    const sent = segments[i]!
    if (sent === '') {
      if (i === segments.length - 1) canonical += '/'
      continue
    }
    const segment = sent.includes('%') ? normalizePercent(sent) : sent
    if (segment === '' || isDotSegment(segment)) return ''
    canonical += `/${segment}`
  }
  return canonical
}

/** '' when an encoded byte may not stand in a segment or the bytes are not UTF-8. */
function normalizePercent(segment: string): string {
  let normal = ''
  for (let i = 0; i < segment.length; i++) {
    const code = segment.charCodeAt(i)
    if (code !== PERCENT) {
      normal += segment[i]
      continue
    }
    const byte = HEX[segment.charCodeAt(i + 1)]! * 16 + HEX[segment.charCodeAt(i + 2)]!
    if (byte < 0x20 || byte === 0x7f || byte === SLASH || byte === BACKSLASH) return ''
    normal += isUnreserved(byte)
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    i += 2
  }
  return decodeSegment(normal) === undefined ? '' : normal
}

function isUnreserved(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === DOT ||
    byte === 0x5f ||
    byte === 0x7e
  )
}

/** `.` and `..`, also with parameters behind (`..;x=y`), which some origins strip before they resolve dots. */
function isDotSegment(segment: string): boolean {
  const name = withoutParameters(decodeSegment(segment) ?? '..')
  return name === '.' || name === '..' || name === ''
}

/** The segment with percent-encoding undone; undefined when it is not UTF-8. */
export function decodeSegment(segment: string): string | undefined {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/** A canonical path as routes and base paths are compared with it: decoded, each segment without its parameters. */
export function matchingKey(path: string): string {
  return path
    .split('/')
    .map((segment) => withoutParameters(decodeSegment(segment) ?? segment))
    .join('/')
}

/** A segment's name without its matrix parameters: `accounts` of `accounts;v=1`. */
function withoutParameters(segment: string): string {
  const at = segment.indexOf(';')
  return at === -1 ? segment : segment.slice(0, at)
}
