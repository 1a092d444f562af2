/**
 * The account of an installation with an ACME server: a key, made once and sealed at rest, and the URL that the server
 * gave it.
 *
 * A key that cannot be opened any more is lost with its account: another is made, and the operator is told. An account
 * that the server does not know is registered again with the same key.
 */

import { createHash, generateKeyPairSync } from 'node:crypto'
import type { Sealer } from '../../identity/installation-key.ts'
import { INSTALLATION, type Store } from '../../storage/store.ts'
import type { ExternalAccount } from './acme-session.ts'

export interface AcmeAccount {
  readonly directory: string
  /** PKCS #8, PEM. */
  readonly privateKey: string
  /** Undefined: not registered yet. */
  readonly url: string | undefined
}

export interface AccountParts {
  readonly store: Store
  /** `create`: nothing has been sealed yet. */
  readonly openSealer: () => Promise<Sealer>
  readonly directory: string
  readonly externalAccount: ExternalAccount | undefined
  readonly warn: (message: string) => void
}

export interface AccountRecord {
  readonly directory: string
  readonly sealedKey: string
  /** The identity that an external authority knows it by. */
  readonly externalKeyId?: string
  readonly url?: string
}

export const ACME_ACCOUNT = 'acme-account'

/** The account as it stands in the store, with a new key where there is none that can be used. */
export async function openAccount(parts: AccountParts): Promise<AcmeAccount> {
  const { store, directory, externalAccount, warn } = parts
  const sealer = await parts.openSealer()
  const place = { purpose: 'acme-account', of: directory } as const
  return store.write(async (transaction) => {
    const records = transaction.in(INSTALLATION)
    const stored = (await records.get<AccountRecord>(keyOf(directory)))?.body
    const opened = stored && sealer.open(place, stored.sealedKey)?.toString('utf8')
    if (opened !== undefined) {
      const isSame = stored?.externalKeyId === externalAccount?.keyId
      return { directory, privateKey: opened, url: isSame ? stored?.url : undefined }
    }
    if (stored !== undefined) {
      warn(`the key of the ACME account at ${directory} cannot be opened: a new account is made`)
    }
    const privateKey = newKey()
    await records.put(keyOf(directory), { directory, sealedKey: sealer.seal(place, privateKey) })
    return { directory, privateKey, url: undefined }
  })
}

/** `url`: undefined forgets it. */
export async function keepAccountUrl(
  { store, directory, externalAccount }: AccountParts,
  url: string | undefined,
): Promise<void> {
  await store.write(async (transaction) => {
    const records = transaction.in(INSTALLATION)
    const stored = (await records.get<AccountRecord>(keyOf(directory)))?.body
    if (stored === undefined) return
    const { url: _, externalKeyId: __, ...rest } = stored
    const binding = externalAccount === undefined ? {} : { externalKeyId: externalAccount.keyId }
    await records.put(keyOf(directory), {
      ...rest,
      ...binding,
      ...(url === undefined ? {} : { url }),
    })
  })
}

function keyOf(directory: string) {
  const id = createHash('sha256').update(directory).digest('hex').slice(0, 32)
  return { kind: ACME_ACCOUNT, parent: '', id }
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
