/**
 * The codes of `/oauth2/authorize`: good for one exchange, by one client, at one address, within five minutes.
 *
 * A code that comes a second time was stolen, by the one who came first or the one who comes now: what it gave is taken
 * back. RFC 6749, 4.1.2 and 10.5.
 */

import type { AuthorizeRequest } from './authorize-request.ts'
import { provesCodeChallenge } from './pkce.ts'
import { ShortLived, type ShortLivedParts } from './short-lived.ts'

/** Who signed in, and when. */
export interface SignedIn {
  readonly poolId: string
  readonly username: string
  readonly sub: string
  readonly authTimeMs: number
}

export interface CodeGrant {
  readonly signedIn: SignedIn
  readonly request: AuthorizeRequest
}

/** How the token endpoint presents a code. */
export interface Redemption {
  readonly poolId: string
  readonly clientId: string
  readonly redirectUri: string | undefined
  readonly verifier: string | undefined
}

export type RedeemVerdict =
  | {
      readonly kind: 'good'
      readonly grant: CodeGrant
      /** Tells what it gave, so that a second exchange can take it back. */
      readonly gave: (refreshToken: string | undefined) => void
    }
  /** `refreshToken`: what the first exchange gave. */
  | { readonly kind: 'replayed'; readonly refreshToken: string | undefined }
  | { readonly kind: 'refused' }

interface Entry {
  readonly grant: CodeGrant
  isUsed: boolean
  /** The exchange came a second time before the first was done. */
  isReplayed: boolean
  gave: string | undefined
}

const LIFE_MS = 300_000
const OWNER_MAX = 20

export type CodesParts = Pick<ShortLivedParts, 'randomBytes' | 'nowMs' | 'countMax'>

export class AuthorizationCodes {
  readonly #codes: ShortLived<Entry>

  constructor(parts: CodesParts) {
    this.#codes = new ShortLived({ ...parts, lifeMs: LIFE_MS, ownerMax: OWNER_MAX })
  }

  issue(grant: CodeGrant): string {
    const owner = `${grant.signedIn.poolId}/${grant.signedIn.sub}`
    return this.#codes.add({ grant, isUsed: false, isReplayed: false, gave: undefined }, owner)
  }

  redeem(code: string, redemption: Redemption): RedeemVerdict {
    const entry = this.#codes.get(code)
    if (entry === undefined || !isOwner(entry.grant, redemption)) return { kind: 'refused' }
    if (entry.isUsed) {
      entry.isReplayed = true
      return { kind: 'replayed', refreshToken: entry.gave }
    }
    // One try: whoever holds a code and not what goes with it gets no second one.
    entry.isUsed = true
    if (!fits(entry.grant.request, redemption)) return { kind: 'refused' }
    const { grant } = entry
    return {
      kind: 'good',
      grant,
      gave: (refreshToken) => {
        entry.gave = refreshToken
      },
    }
  }

  /** A second exchange has come while the first was making its tokens, which must not be given out. */
  wasReplayed(code: string): boolean {
    return this.#codes.get(code)?.isReplayed === true
  }
}

function isOwner({ signedIn, request }: CodeGrant, { poolId, clientId }: Redemption): boolean {
  return signedIn.poolId === poolId && request.clientId === clientId
}

function fits(request: AuthorizeRequest, { redirectUri, verifier }: Redemption): boolean {
  const expected = request.redirectUriGiven ? request.redirectUri : undefined
  const isSameAddress =
    redirectUri === expected || (!request.redirectUriGiven && redirectUri === request.redirectUri)
  return isSameAddress && provesCodeChallenge(request.codeChallenge, verifier)
}
