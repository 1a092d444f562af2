/**
 * User pools, put together: directory, installation key, port, and the rotation of signing keys.
 *
 * The port opens with the first pool, and at every later start that finds one; an installation without pools has neither
 * port nor key.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { ServiceError } from '../../aws/service-error.ts'
import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/message-of.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import type { Limits } from '../../domain/limits.ts'
import { UserPoolDirectory } from '../../identity/user-pools/directory.ts'
import { Housekeeping } from '../../identity/user-pools/housekeeping.ts'
import { UserPools } from '../../identity/user-pools/user-pools.ts'
import { TrustedProxies } from '../../runtime/routing/trusted-proxies.ts'
import type { Store } from '../../storage/store.ts'
import type { MainThreadPort } from '../control/main-thread-port.ts'
import { codeOf } from '../failure.ts'
import { portFailure } from '../ports.ts'
import type { ProgramLog } from '../program-log.ts'
import type { Settings } from '../settings/settings.ts'
import { identityPages } from './identity-pages.ts'
import { createIdentityPort, type IdentityRoutes } from './identity-port.ts'

export interface IdentityParts {
  readonly settings: Settings
  readonly limits: Limits
  readonly store: Store
  readonly openSealer: OpenSealer
  readonly log: ProgramLog
}

/** A code or a token may stand so much longer than it is good; a key sign so much longer. */
const HOUSEKEEPING_MS = 3_600_000

export type IdentityCall = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export class Identity {
  readonly pools: UserPools
  readonly #parts: IdentityParts
  readonly #proxies: TrustedProxies
  #call: IdentityCall = async () => {}
  #routes: () => Promise<IdentityRoutes> = async () => ({})
  #port: MainThreadPort | undefined
  #opening: Promise<void> | undefined
  #baseUrl: string | undefined
  #timer: NodeJS.Timeout | undefined

  static async open(parts: IdentityParts): Promise<Identity> {
    return new Identity(parts, await UserPoolDirectory.open(parts.store))
  }

  private constructor(parts: IdentityParts, directory: UserPoolDirectory) {
    this.#parts = parts
    this.#proxies = new TrustedProxies(parts.settings.trustedProxies)
    this.pools = new UserPools({
      directory,
      openKey: parts.openSealer,
      baseUrl: () => this.#baseUrl,
      ensureServed: () => this.#ensureServed(),
    })
  }

  /** Undefined: no pool is here, or none is to be served. */
  get url(): string | undefined {
    return this.#baseUrl
  }

  /** The client's address, behind proxies that are trusted. */
  sourceIp(peer: string, forwardedFor: string | undefined): string {
    return this.#proxies.behind(peer, forwardedFor)
  }

  /** Now and then; never keeps the program from ending. */
  #keepHouse(): void {
    const { store, limits, log } = this.#parts
    const housekeeping = new Housekeeping({
      ...{ pools: this.pools, store, signingKeyAgeMs: limits.signingKeyAgeMs },
      now: () => new Date(systemClock.epochMs()),
    })
    const run = () =>
      housekeeping.run().catch((thrown: unknown) => {
        if (this.#timer === undefined) return
        log.error(`keys and tokens of user pools could not be looked after: ${messageOf(thrown)}`)
      })
    this.#timer = setInterval(run, HOUSEKEEPING_MS).unref()
    void run()
  }

  /** `call` takes public operations, `routes` loads the pages of pools. Opens the port when there is a pool; rejects with a Failure. */
  async begin(call: IdentityCall, routes: () => Promise<IdentityRoutes>): Promise<void> {
    this.#call = call
    this.#routes = routes
    const { identity, identityHost, identityUrl } = this.#parts.settings
    if (this.pools.directory.isEmpty || identity === undefined) return
    try {
      await this.#open(identity, identityHost, identityUrl)
    } catch (thrown) {
      const wanted = { setting: 'identity', port: identity, host: identityHost } as const
      throw portFailure(wanted, codeOf(thrown), messageOf(thrown))
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#port?.close()
    this.pools.directory.close()
  }

  async #ensureServed(): Promise<void> {
    const { identity, identityHost, identityUrl } = this.#parts.settings
    if (identity === undefined) {
      throw unavailable('User pools need the identity port. Start Postern with --identity PORT.')
    }
    this.#opening ??= this.#open(identity, identityHost, identityUrl)
    try {
      await this.#opening
    } catch (thrown) {
      this.#opening = undefined
      throw unavailable(
        `The identity port ${identity} cannot be opened: ${messageOf(thrown)}. Start Postern with --identity PORT.`,
      )
    }
  }

  async #open(port: number, host: string, url: string | undefined): Promise<void> {
    if (this.#port !== undefined) return
    const others = await this.#routes()
    const identityPort = createIdentityPort({
      directory: this.pools.directory,
      routes: identityPages(this.pools, others),
      call: this.#call,
      sourceIp: (peer, forwardedFor) => this.sourceIp(peer, forwardedFor),
      trouble: (thrown) => this.#parts.log.error(`the identity port met a bug: ${stackOf(thrown)}`),
    })
    const bound = await identityPort.listen(port, host)
    this.#port = identityPort
    this.#baseUrl = (url ?? `http://localhost:${bound}`).replace(/\/+$/, '')
    this.#keepHouse()
    this.#parts.log.info(`user pools are served at ${this.#baseUrl}`)
  }
}

function unavailable(message: string): ServiceError {
  return new ServiceError('ServiceUnavailableException', message)
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}
