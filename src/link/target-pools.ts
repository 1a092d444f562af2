/**
 * What the agent sends requests on with: a pool for each target that has been asked for, with what the lists say of it.
 *
 * A new list begins with nothing: what it allows is decided anew, and pools of the old one close with their last call.
 */

import type { LinkAllowance } from '../domain/link.ts'
import { OriginPool } from '../http/client/origin-pool.ts'
import { allowancesFor, allowsPath } from './allow-list.ts'
import type { LinkAgentOptions } from './contract.ts'
import { type ReadTerms, readTerms } from './link-field.ts'
import { guardedLookup } from './own-host.ts'

/** Terms that are remembered: of all integrations of all stages, one each. */
const TARGETS_MAX = 4_096

export interface Target {
  readonly terms: ReadTerms
  readonly allowed: readonly LinkAllowance[]
  /** Undefined: the agent's own list is as wide as the link's. */
  readonly narrowed: readonly LinkAllowance[] | undefined
  readonly pool: OriginPool
}

type Options = Pick<LinkAgentOptions, 'allow' | 'targetTls' | 'limits' | 'timers'>

export class TargetPools {
  readonly #options: Options
  readonly #targets = new Map<string, Target | undefined>()
  readonly #pools = new Map<string, OriginPool>()
  /** What was asked for last: nearly always it is what is asked for next. */
  #lastText: string | undefined
  #lastSecure = false
  #last: Target | undefined
  /** Until the hub has said hello nothing is allowed. */
  #allow: readonly LinkAllowance[] = []

  constructor(options: Options) {
    this.#options = options
  }

  useList(allow: readonly LinkAllowance[]): void {
    if (JSON.stringify(allow) === JSON.stringify(this.#allow)) return
    this.close()
    this.#allow = allow
  }

  /** The pool for a request, or why there is none. */
  find(text: string, secure: boolean, path: string): Target | string {
    if (text !== this.#lastText || secure !== this.#lastSecure) {
      this.#last = this.#target(text, secure)
      this.#lastText = text
      this.#lastSecure = secure
    }
    const target = this.#last
    if (target === undefined) return 'not in the list of the link'
    const { allowed, narrowed } = target
    if (!allowsPath(allowed, path)) return 'not in the list of the link'
    if (narrowed !== undefined && !allowsPath(narrowed, path)) return 'not in the list of the agent'
    return target
  }

  close(): void {
    this.#lastText = undefined
    this.#targets.clear()
    for (const pool of this.#pools.values()) pool.close()
    this.#pools.clear()
  }

  #target(text: string, secure: boolean): Target | undefined {
    const key = `${secure ? 's' : 'p'};${text}`
    let target = this.#targets.get(key)
    if (target === undefined && !this.#targets.has(key)) {
      target = this.#make(text, secure)
      if (this.#targets.size >= TARGETS_MAX) this.#targets.clear()
      this.#targets.set(key, target)
    }
    return target
  }

  #make(text: string, secure: boolean): Target | undefined {
    const terms = readTerms(text)
    if (terms === undefined) return undefined
    const allowed = allowancesFor(this.#allow, terms)
    const own = this.#options.allow
    const narrowed = own === undefined ? undefined : allowancesFor(own, terms)
    const listed = (narrowed ?? allowed)[0] ?? allowed[0]
    if (listed === undefined || allowed.length === 0) return undefined
    return { terms, allowed, narrowed, pool: this.#pool(terms, secure, listed.host) }
  }

  #pool(terms: ReadTerms, secure: boolean, listed: string): OriginPool {
    const { host, port, tls } = terms
    const key = JSON.stringify([host, port, secure ? tls : '', listed])
    let pool = this.#pools.get(key)
    if (pool === undefined) {
      const { targetTls, limits, timers } = this.#options
      const dialling = { lookup: guardedLookup(listed), tls: targetTls }
      const address = { host, port, tls: secure ? tls : undefined, dialling }
      pool = new OriginPool(address, limits, timers)
      this.#pools.set(key, pool)
    }
    return pool
  }
}
