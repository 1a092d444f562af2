// hot path — see STYLE §8
/**
 * Where a request is addressed: the request target (RFC 9112 §3.2) and the host (RFC 9110 §7.2).
 *
 * Shared by HTTP/1 and HTTP/2, so that both accept and refuse the same things.
 */

import { isIPv6 } from 'node:net'
import { HEX, HOST_NAME, PATH, QUERY } from './characters.ts'

/** A host as the gateway compares it, and as it was said. */
export interface Host {
  /** Lower case, no port, no trailing dot; IPv6 in brackets. */
  readonly host: string
  /** Lower case, with the port if one was given. */
  readonly authority: string
}

const PERCENT = 0x25
const QUESTION = 0x3f

/**
 * Offset of the `?` in an origin-form target, or its length when it has no query; -1 when a character is not allowed
 * or a `%` is not followed by two hexadecimal digits in the path.
 */
export function scanTarget(target: string): number {
  const { length } = target
  let i = 0
  for (; i < length; i++) {
    const code = target.charCodeAt(i)
    if (code === QUESTION) break
    if (code > 0x7f || PATH[code] === 0) return -1
    if (code === PERCENT && !isHexPair(target, i + 1)) return -1
  }
  const path = i
  for (i++; i < length; i++) {
    const code = target.charCodeAt(i)
    if (code > 0x7f || QUERY[code] === 0) return -1
  }
  return path
}

function isHexPair(text: string, at: number): boolean {
  return (
    at + 1 < text.length && HEX[text.charCodeAt(at)] !== 255 && HEX[text.charCodeAt(at + 1)] !== 255
  )
}

/** Host and port of `Host`, `:authority` or an absolute target; undefined when malformed or empty. */
export function parseHost(value: string): Host | undefined {
  if (value.length === 0 || value.length > 261) return undefined
  const authority = value.toLowerCase()
  const nameEnd = authority.charCodeAt(0) === 0x5b ? ipLiteralEnd(authority) : nameLength(authority)
  if (nameEnd <= 0) return undefined
  if (nameEnd < authority.length && !isPort(authority, nameEnd)) return undefined
  const name = authority.slice(0, nameEnd)
  const host = name.endsWith('.') ? name.slice(0, -1) : name
  return host === '' || name.includes('..') ? undefined : { host, authority }
}

function nameLength(authority: string): number {
  for (let i = 0; i < authority.length; i++) {
    const code = authority.charCodeAt(i)
    if (code === 0x3a) return i
    if (code > 0x7f || HOST_NAME[code] === 0) return -1
  }
  return authority.length
}

/** Offset after `]` of an IPv6 literal; zone ids and IPvFuture are refused. */
function ipLiteralEnd(authority: string): number {
  const close = authority.indexOf(']')
  return close !== -1 && isIPv6(authority.slice(1, close)) ? close + 1 : -1
}

function isPort(authority: string, colon: number): boolean {
  if (authority.charCodeAt(colon) !== 0x3a) return false
  const digits = authority.length - colon - 1
  if (digits > 5) return false
  let port = 0
  for (let i = colon + 1; i < authority.length; i++) {
    const digit = authority.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return false
    port = port * 10 + digit
  }
  return port <= 65_535
}

/** An absolute-form target taken apart; undefined when it is not http or https or malformed. */
export function parseAbsoluteTarget(
  target: string,
): { readonly host: Host; readonly rest: string } | undefined {
  const scheme = /^https?:\/\//i.exec(target)
  if (scheme === null) return undefined
  const start = scheme[0].length
  let end = start
  while (end < target.length && target[end] !== '/' && target[end] !== '?') end++
  const host = parseHost(target.slice(start, end))
  if (host === undefined) return undefined
  const rest = target.slice(end)
  return { host, rest: rest.startsWith('/') ? rest : `/${rest}` }
}
