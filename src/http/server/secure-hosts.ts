/**
 * The names that a TLS port has certificates for, and what a handshake for each of them has to be like.
 *
 * Immutable: a change is a new table, in which what has not changed is the same object. An exact name wins over a
 * wildcard, which stands for one label (RFC 9525 §6.3).
 */

import type { ClientConnection } from '../exchange.ts'
import type { TrustChain } from './trust-chain.ts'

/** One name, or one wildcard. */
export interface SecureHost {
  /** Lower case: `api.example.com`, `*.example.com`. */
  readonly name: string
  /** PEM, both; the certificate is followed by its chain. */
  readonly certificate: string
  readonly privateKey: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** In OpenSSL's notation. */
  readonly ciphers: string
  readonly groups: string
  /** DER (RFC 6960); undefined: nothing is stapled. */
  readonly ocspResponse: Buffer | undefined
  /** Undefined: clients show no certificate. */
  readonly trust: HostTrust | undefined
  /** Sessions are resumed by ticket. Never where clients show certificates. */
  readonly resumes: boolean
  /** Equal for equal hosts, and for no others: sessions are resumed under one label only. */
  readonly label: string
}

export interface HostTrust {
  /** PEM. */
  readonly authorities: string
  readonly revocationLists: readonly string[]
  /** Names what a client has proved: another truststore, another key. */
  readonly key: string
  readonly chain: TrustChain
}

export class SecureHosts {
  readonly all: readonly SecureHost[]
  readonly #exact = new Map<string, SecureHost>()
  /** By what stands behind `*.`. */
  readonly #wildcards = new Map<string, SecureHost>()

  constructor(hosts: readonly SecureHost[]) {
    this.all = hosts
    for (const host of hosts) {
      if (host.name.startsWith('*.')) this.#wildcards.set(host.name.slice(2), host)
      else this.#exact.set(host.name, host)
    }
  }

  /** `name` is in lower case; undefined: the port's own certificate is shown. */
  at(name: string): SecureHost | undefined {
    const host = this.#exact.get(name)
    if (host !== undefined || this.#wildcards.size === 0) return host
    const dot = name.indexOf('.')
    return dot <= 0 ? undefined : this.#wildcards.get(name.slice(dot + 1))
  }

  /** Whether what a client has proved to a truststore still counts. */
  stillTrusts({ tls }: ClientConnection): boolean {
    if (tls === undefined || tls.trustKey === '') return true
    return this.at(tls.serverName)?.trust?.key === tls.trustKey
  }
}

/** Whether a handshake for this name may have been made with this host. */
export function covers(host: SecureHost, name: string): boolean {
  if (!host.name.startsWith('*.')) return host.name === name
  const dot = name.indexOf('.')
  return dot > 0 && name.slice(dot + 1) === host.name.slice(2)
}
