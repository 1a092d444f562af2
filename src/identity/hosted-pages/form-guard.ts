/**
 * Proof that a form was sent from a page that this Postern gave to this browser.
 *
 * A browser gets a random cookie, and each form an HMAC over it and over what the form is for. Whoever makes a browser
 * post from elsewhere cannot know the token; whoever plants a cookie of his own has no token that his victim would send
 * along with it, as the key is not his. `Origin` and `Sec-Fetch-Site` are looked at first.
 * https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */

import { createHmac, timingSafeEqual } from 'node:crypto'

export const FORM_TOKEN_FIELD = 'csrf'

const SEED_BYTES = 24
const SEED = /^[\w-]{32}$/

export interface FormGuardParts {
  readonly key: Uint8Array
  readonly randomBytes: (length: number) => Buffer
}

export class FormGuard {
  readonly #parts: FormGuardParts

  constructor(parts: FormGuardParts) {
    this.#parts = parts
  }

  /** The browser's own value, when it has one that we could have made; else a new one. */
  seedOf(cookie: string | undefined): string {
    return cookie !== undefined && SEED.test(cookie) ? cookie : this.newSeed()
  }

  newSeed(): string {
    return this.#parts.randomBytes(SEED_BYTES).toString('base64url')
  }

  /** `purpose` names the pool, so that a token of one does nothing in another. */
  tokenFor(seed: string, purpose: string): string {
    return createHmac('sha256', this.#parts.key)
      .update(JSON.stringify([seed, purpose]))
      .digest('base64url')
  }

  isGenuine(cookie: string | undefined, purpose: string, token: string | null): boolean {
    if (cookie === undefined || !SEED.test(cookie) || token === null) return false
    const expected = Buffer.from(this.tokenFor(cookie, purpose))
    const given = Buffer.from(token)
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
}

/** What a browser says about where a request comes from. `own` are the origins that we have. */
export function isFromElsewhere(
  headers: { readonly origin?: string; readonly fetchSite?: string },
  own: readonly string[],
): boolean {
  const { origin, fetchSite } = headers
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') return true
  return origin !== undefined && !own.includes(origin)
}
