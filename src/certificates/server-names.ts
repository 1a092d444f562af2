/**
 * Names of servers in certificates (RFC 6125, RFC 9525): which a certificate has, and whether one is good for another.
 *
 * A wildcard stands for exactly one label, the first.
 */

import type { X509Certificate } from 'node:crypto'

/** DNS names among the subject alternative names, in lower case, in their order. */
export function namesOf({ subjectAltName }: X509Certificate): string[] {
  const names = (subjectAltName ?? '').split(', ').flatMap((part) => {
    // OpenSSL writes a name with other characters in quotes; no host name has any.
    const name = /^DNS:([A-Za-z0-9*._-]+)$/.exec(part)?.[1]
    return name === undefined ? [] : [name.toLowerCase()]
  })
  return [...new Set(names)]
}

/** `wanted` may itself be a wildcard: then only the same wildcard is good for it. */
export function coversName(names: readonly string[], wanted: string): boolean {
  const name = wanted.toLowerCase()
  if (names.includes(name)) return true
  const dot = name.indexOf('.')
  return dot > 0 && !name.startsWith('*.') && names.includes(`*${name.slice(dot)}`)
}

/** Names that are this machine, wherever it is (RFC 6761 §6.3); the local authority signs for them. */
export function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}
