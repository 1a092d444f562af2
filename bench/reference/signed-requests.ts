/**
 * Requests that carry a Signature Version 4, for the rows about IAM authorization: access keys that a Postern finds in its
 * store when it starts, and header fields that they have signed.
 */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { signRequest } from '../../src/aws/sigv4/sign-request.ts'
import { systemClock } from '../../src/base/clock.ts'
import { sealedKey } from '../../src/identity/access-key-record.ts'
import { openInstallationKey } from '../../src/identity/installation-key.ts'
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts'
import { INSTALLATION } from '../../src/storage/store.ts'

const ACCOUNT = '000000000000'
const REGION = 'us-east-1'
const HOST = 'signed.bench'

export interface SignedKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export function signedKeys(count: number): readonly SignedKey[] {
  return Array.from({ length: count }, (_, i) => ({
    accessKeyId: `AKPOBENCH${String(i).padStart(11, '0')}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  }))
}

/** Of the account itself, so that no policy decides: what is measured is the signature. */
export async function seedKeys(folder: string, keys: readonly SignedKey[]): Promise<void> {
  const store = await openSqliteStore({ folder, clock: systemClock })
  const sealer = await openInstallationKey(folder, true)
  await store.write(async (transaction) => {
    const records = transaction.in(INSTALLATION)
    for (const key of keys) {
      const facts = { accountId: ACCOUNT, readOnly: false, description: 'bench', createdAt: '' }
      const place = { kind: 'access-key', parent: '', id: key.accessKeyId }
      await records.put(place, sealedKey(sealer, { ...key, ...facts }))
    }
  })
  await store.close()
}

/** Good for five minutes from now. */
export function signedFields(path: string, key: SignedKey): Readonly<Record<string, string>> {
  const request = { method: 'GET', target: path, headers: [['Host', HOST]] as const }
  const scope = { region: REGION, service: 'execute-api', epochMs: systemClock.epochMs() }
  const body = new Uint8Array(0)
  return Object.fromEntries(signRequest({ ...request, body }, key, scope))
}

/** One request a line, its fields parted by tabs. */
export function writeSigned(file: string, path: string, keys: readonly SignedKey[]): void {
  const lines = keys.map((key) =>
    Object.entries(signedFields(path, key))
      .map(([name, value]) => `${name}: ${value}`)
      .join('\t'),
  )
  writeFileSync(file, `${lines.join('\n')}\n`)
}
