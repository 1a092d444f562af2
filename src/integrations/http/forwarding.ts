// hot path — see STYLE §8
/**
 * What an origin is told about the client: Forwarded (RFC 7239), the X-Forwarded family and Via (RFC 9110 §7.6.3).
 *
 * Written by the gateway alone; what a client sent under these names, in any spelling, has been dropped.
 */

import type { Invocation } from '../../invocation/invocation.ts'

/** The header block, made once for each connection and authority. */
export function forwardingFields(x: Invocation): string {
  const { connection, request } = x.exchange
  if (
    connection.forwardingAuthority !== request.authority ||
    connection.forwardingSource !== x.sourceIp
  ) {
    connection.forwardingAuthority = request.authority
    connection.forwardingSource = x.sourceIp
    connection.forwardingText = describe(x)
  }
  return connection.forwardingText
}

function describe(x: Invocation): string {
  const { connection, request } = x.exchange
  const proto = connection.tls === undefined ? 'http' : 'https'
  const host = request.authority === '' ? '' : `;host=${quoted(request.authority)}`
  const hostField = request.authority === '' ? '' : `x-forwarded-host: ${request.authority}\r\n`
  return (
    `forwarded: by=${node(connection.localAddress)};for=${node(x.sourceIp)}${host};proto=${proto}\r\n` +
    `x-forwarded-for: ${x.sourceIp}\r\n${hostField}x-forwarded-port: ${connection.localPort}\r\n` +
    `x-forwarded-proto: ${proto}\r\nvia: ${x.exchange.protocol.slice(5)} postern\r\n`
  )
}

/** A node of RFC 7239 §6: IPv6 in brackets and quotes. */
function node(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address
}

/** Quoted when it is no token, as a host with a port is not. */
function quoted(text: string): string {
  return /^[\w.~-]+$/.test(text) ? text : `"${text}"`
}
