/**
 * Secrets from before they were sealed at rest: sealed at the first start of a Postern that seals them.
 *
 * One transaction, with its entry in the audit log. Afterwards nothing here writes again; what is left of the old text in
 * the file is overwritten by the store (`secure_delete`).
 */

import type { OpenSealer } from '../../certificates/tls-records.ts'
import { ACCESS_KEY } from '../../identity/access-key-record.ts'
import { sealKeySecret } from '../../identity/access-key-secrets.ts'
import type { Sealer } from '../../identity/installation-key.ts'
import { SESSION_KEY, sealSessionKey } from '../../identity/session-key.ts'
import { type Body, INSTALLATION, type Reader, type Store } from '../../storage/store.ts'
import { IAM_KEY } from './records.ts'

type Unsealed = Readonly<Record<string, string>>

interface SecretMember {
  /** What held it; never there in a sealed record. */
  readonly plain: string
  readonly sealed: (sealer: Sealer, body: Unsealed) => Body
}

const MEMBERS: Readonly<Record<string, SecretMember>> = {
  [ACCESS_KEY]: {
    plain: 'secretAccessKey',
    sealed: (sealer, { accessKeyId, secretAccessKey }) => ({
      sealedSecret: sealKeySecret(sealer, accessKeyId!, secretAccessKey!),
    }),
  },
  [IAM_KEY]: {
    plain: 'SecretAccessKey',
    sealed: (sealer, { AccessKeyId, SecretAccessKey }) => ({
      sealedSecret: sealKeySecret(sealer, AccessKeyId!, SecretAccessKey!),
    }),
  },
  [SESSION_KEY]: {
    plain: 'key',
    sealed: (sealer, { key }) => ({ sealedKey: sealSessionKey(sealer, key!) }),
  },
}

/** Whether a record of a kind that is sealed is one from before. */
export function isUnsealed(body: Body): boolean {
  return Object.values(MEMBERS).some(({ plain }) => plain in body)
}

/** Returns how many were sealed. */
export async function sealStoredKeys(store: Store, openSealer: OpenSealer): Promise<number> {
  if ((await store.read(unsealedIn)).length === 0) return 0
  const sealer = await openSealer()
  return store.write(async (transaction) => {
    const records = await unsealedIn(transaction)
    for (const { scope, kind, parent, id, body } of records) {
      const { plain, sealed } = MEMBERS[kind]!
      const { [plain]: _, ...rest } = body
      await transaction.in(scope).put({ kind, parent, id }, { ...rest, ...sealed(sealer, body) })
    }
    const changes = records.map(({ kind, id }) => ({ resource: `${kind}/${id}` }))
    await transaction.audit({ ...WHO, requestId: '', changes })
    return records.length
  })
}

const WHO = {
  scope: INSTALLATION,
  who: 'first start that seals secrets',
  sourceIp: '',
  action: 'postern:SealSecrets',
}

async function unsealedIn(reader: Reader) {
  const found = []
  for (const [kind, { plain }] of Object.entries(MEMBERS)) {
    const records = await reader.everywhere<Unsealed>(kind)
    found.push(...records.filter(({ body }) => plain in body))
  }
  return found
}
