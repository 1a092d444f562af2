/**
 * Session tokens: what an account has promised to the bearer of temporary credentials, sealed so that only this
 * installation can read or make one. No call writes anything, and every worker can open them.
 *
 * AES-256-GCM under a key that is derived from the installation's session key; the secret of the access key is derived
 * from that, too, so that it stands in no token. A token says who; what he may is decided when he calls.
 */

import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'

/** Short names: tokens travel with every request. */
export interface SessionClaims {
  /** Access key id that it belongs to. */
  readonly key: string
  readonly account: string
  /** Id of the role or user. */
  readonly id: string
  /** RoleSessionName; absent for the session of a user. */
  readonly name?: string
  /** Text of the session's own policy, which narrows what the role allows. */
  readonly policy?: string
  /** Managed policies that narrow it, by name in the document. */
  readonly policies?: readonly string[]
  readonly issuedMs: number
  readonly expiresMs: number
}

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const TOKEN_CHARACTERS_MAX = 8_192

export class SessionSeal {
  readonly #tokenKey: Buffer
  readonly #secretKey: Buffer

  /** `sessionKey`: base64. */
  constructor(sessionKey: string) {
    const key = Buffer.from(sessionKey, 'base64')
    this.#tokenKey = derive(key, 'session token')
    this.#secretKey = derive(key, 'secret access key')
  }

  seal(claims: SessionClaims, nonce: Uint8Array): string {
    const cipher = createCipheriv('aes-256-gcm', this.#tokenKey, nonce)
    const sealed = Buffer.concat([cipher.update(JSON.stringify(claims)), cipher.final()])
    return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed]).toString(
      'base64',
    )
  }

  /** Undefined: it was not sealed here. */
  open(token: string): SessionClaims | undefined {
    if (token.length > TOKEN_CHARACTERS_MAX) return undefined
    const bytes = Buffer.from(token, 'base64')
    const start = 1 + NONCE_BYTES + TAG_BYTES
    if (bytes.length <= start || bytes[0] !== VERSION) return undefined
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES)
    try {
      const options = { authTagLength: TAG_BYTES }
      const decipher = createDecipheriv('aes-256-gcm', this.#tokenKey, nonce, options)
      decipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, start))
      const text = Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()])
      return JSON.parse(text.toString()) as SessionClaims
    } catch {
      return undefined
    }
  }

  /** 40 characters, as secrets have. */
  secretOf(accessKeyId: string): string {
    const digest = createHmac('sha256', this.#secretKey).update(accessKeyId).digest()
    return digest.subarray(0, 30).toString('base64')
  }
}

function derive(key: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `postern ${purpose}`, 32))
}
