/**
 * The key of an installation: what seals secrets at rest that have to be readable again (signing keys, access keys, SRP
 * verifiers, TOTP and client secrets), so that a copy of the store alone opens nothing.
 *
 * It is a file beside the store, made with the first thing that is sealed, readable by its owner only. Each purpose has a
 * key of its own (HKDF, RFC 5869); what is sealed is bound to its place (AES-256-GCM, NIST SP 800-38D), so a sealed text
 * that was moved to another record does not open.
 */

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { link, open, readFile, unlink } from 'node:fs/promises'
import path from 'node:path'

const KEY_FILE = 'installation.key'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'

/** What for, and for which record. */
export interface SealPlace {
  readonly purpose:
    | 'signing-key'
    | 'client-secret'
    | 'srp-verifier'
    | 'totp-secret'
    | 'challenge-session'
    | 'code'
    | 'unknown-user'
    | 'user-import'
    | 'certificate-key'
    | 'authority-key'
    | 'link-authority'
    | 'acme-account'
    | 'access-key'
    | 'session-key'
  readonly of: string
}

export class Sealer {
  readonly #master: Uint8Array
  readonly #keys = new Map<string, Buffer>()

  constructor(master: Uint8Array) {
    this.#master = master
  }

  /** base64url of nonce, ciphertext, tag. */
  seal({ purpose, of }: SealPlace, plain: Uint8Array | string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.#key(purpose), nonce)
    cipher.setAAD(Buffer.from(of))
    const text = Buffer.concat([cipher.update(plain as Uint8Array), cipher.final()])
    return Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url')
  }

  /** Undefined: this has not been sealed here, or not for this place. */
  open({ purpose, of }: SealPlace, sealed: string): Buffer | undefined {
    const bytes = Buffer.from(sealed, 'base64url')
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
    const decipher = createDecipheriv(CIPHER, this.#key(purpose), bytes.subarray(0, NONCE_BYTES))
    decipher.setAAD(Buffer.from(of))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    try {
      const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES)
      return Buffer.concat([decipher.update(body), decipher.final()])
    } catch {
      return undefined
    }
  }

  /** A text that nobody else can make of this one. */
  mac({ purpose, of }: SealPlace, text: string): Buffer {
    const name = JSON.stringify([of, text])
    return createHmac('sha256', this.#key(purpose)).update(name).digest()
  }

  /** In constant time; `expected` as base64url. */
  macEquals(place: SealPlace, text: string, expected: string): boolean {
    const known = Buffer.from(expected, 'base64url')
    const mac = this.mac(place, text)
    return known.length === mac.length && timingSafeEqual(known, mac)
  }

  #key(purpose: SealPlace['purpose']): Buffer {
    let key = this.#keys.get(purpose)
    if (key === undefined) {
      key = Buffer.from(hkdfSync('sha256', this.#master, '', `postern ${purpose}`, KEY_BYTES))
      this.#keys.set(purpose, key)
    }
    return key
  }
}

/** Throws when the file is there and holds no key. `create`: nothing has been sealed yet, so a new key loses nothing. */
export async function openInstallationKey(folder: string, create: boolean): Promise<Sealer> {
  const file = path.resolve(folder, KEY_FILE)
  let text = await readIfThere(file)
  if (text === undefined) {
    if (!create)
      throw new Error(`${file} is missing: it belongs to the store and opens its secrets`)
    await createOnce(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`)
    text = (await readIfThere(file)) ?? ''
  }
  return readInstallationKey(text, file)
}

/** 64 hexadecimal digits. `place` is where they stand, for whoever has to mend it. */
export function readInstallationKey(text: string, place: string): Sealer {
  const digits = text.trim()
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) {
    throw new Error(`${place} holds no key: 64 hexadecimal digits`)
  }
  return new Sealer(Buffer.from(digits, 'hex'))
}

/** Whole or not at all; somebody else's stays. */
async function createOnce(file: string, text: string): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(beside, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(beside, file)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
  } finally {
    await unlink(beside)
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'latin1')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}
