/**
 * The TLS ports of one worker, and what they share: the names with certificates of their own, the secret of session
 * tickets, the challenges that wait for their authority.
 *
 * The code of TLS is loaded with the first port or the first name; a gateway with neither starts without it.
 */

import type { TlsDocument, TlsPair } from '../../domain/tls.ts'
import type { OriginIdentity } from '../../http/client/origin-tls.ts'
import type { SecureHosts } from '../../http/server/secure-hosts.ts'
import type { ServerContext } from '../../http/server/server-context.ts'
import type { TlsListener } from '../../http/server/tls-server.ts'

export class TlsPorts {
  readonly #listeners: TlsListener[] = []
  readonly #challenges = new Map<string, TlsPair>()
  #compile: typeof import('../../runtime/snapshot/compile-tls.ts').compileTls | undefined
  #hosts: SecureHosts | undefined
  #revision = 0
  /** By key, those that are served. */
  #pairs: TlsDocument['clientCertificates'] = {}
  #prepared:
    | {
        readonly hosts: SecureHosts | undefined
        readonly revision: number
        readonly pairs: TlsDocument['clientCertificates']
      }
    | undefined
  #ticketSecret: Buffer | undefined

  /** Before `prepare`. */
  async load(document: TlsDocument | undefined): Promise<void> {
    if (document === undefined || document.hosts.length === 0) return
    this.#compile ??= (await import('../../runtime/snapshot/compile-tls.ts')).compileTls
  }

  /** Throws CompileError. */
  prepare(document: TlsDocument | undefined): void {
    const { revision = 0, hosts = [], clientCertificates: pairs = {} } = document ?? {}
    if (revision === this.#revision) return
    const none = document === undefined || hosts.length === 0
    const compiled = none ? undefined : this.#compile!(document, this.#hosts)
    this.#prepared = { revision, hosts: compiled, pairs }
  }

  commit(): void {
    if (this.#prepared === undefined) return
    this.#hosts = this.#prepared.hosts
    this.#revision = this.#prepared.revision
    this.#pairs = this.#prepared.pairs
    this.#prepared = undefined
    for (const listener of this.#listeners) listener.useHosts(this.#hosts)
  }

  discard(): void {
    this.#prepared = undefined
  }

  /**
   * Undefined: there is no such certificate in what is being prepared. What it is, is looked up with each handshake: a
   * renewal needs no stage to be compiled.
   */
  identity(key: string): OriginIdentity | undefined {
    const pairs = this.#prepared?.pairs ?? this.#pairs
    return Object.hasOwn(pairs, key) ? { id: key, current: () => this.#pairs[key] } : undefined
  }

  /** `pair` is for names that have none of their own. */
  async open(context: ServerContext, pair: TlsPair): Promise<TlsListener> {
    const { createTlsServer } = await import('../../http/server/tls-server.ts')
    const { acceptSecureHttp1 } = await import('../../http/server/http-server.ts')
    const listener = createTlsServer(
      context,
      {
        ...pair,
        ...(this.#hosts === undefined ? {} : { hosts: this.#hosts }),
        ...(this.#ticketSecret === undefined ? {} : { ticketKeys: this.#ticketSecret }),
      },
      acceptSecureHttp1(context),
    )
    for (const [name, challenge] of this.#challenges) listener.useChallenge(name, challenge)
    this.#listeners.push(listener)
    return listener
  }

  useTicketSecret(secret: Uint8Array): void {
    this.#ticketSecret = Buffer.from(secret)
    for (const listener of this.#listeners) listener.replaceTicketKeys(this.#ticketSecret)
  }

  /** Undefined: the challenge for the name is over. */
  useChallenge(serverName: string, pair: TlsPair | undefined): void {
    if (pair === undefined) this.#challenges.delete(serverName)
    else this.#challenges.set(serverName, pair)
    for (const listener of this.#listeners) listener.useChallenge(serverName, pair)
  }
}
