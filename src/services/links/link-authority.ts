/**
 * The authority of links of an installation: made with the first link that agents serve, its key sealed at rest.
 *
 * https://datatracker.ietf.org/doc/html/rfc5280
 */

import { assert } from '../../base/assert.ts'
import type { KeyPair } from '../../certificates/certificate.ts'
import { makeLinkAuthority } from '../../certificates/link-certificates.ts'
import type { Sealer } from '../../identity/installation-key.ts'
import type { Records, WritableRecords } from '../../storage/store.ts'
import { LINK_AUTHORITY, type LinkAuthorityRecord } from './link-records.ts'

const PLACE = { purpose: 'link-authority', of: LINK_AUTHORITY } as const
const KEY = { kind: LINK_AUTHORITY, parent: '', id: 'authority' }
const YEAR_MS = 365 * 86_400_000
const AUTHORITY_YEARS = 20
/** Tolerance for clocks that are behind. */
export const BACKDATE_MS = 300_000

/** `installation` are the records of the installation. */
export async function linkAuthority(
  installation: Records,
  sealer: Sealer,
): Promise<KeyPair | undefined> {
  const record = await installation.get<LinkAuthorityRecord>(KEY)
  if (record === undefined) return undefined
  const { certificate, sealedPrivateKey } = record.body
  const privateKey = sealer.open(PLACE, sealedPrivateKey)
  assert(privateKey !== undefined, 'the installation key opens the key of the authority of links')
  return { certificate, privateKey: privateKey.toString() }
}

export async function ensureLinkAuthority(
  installation: WritableRecords,
  sealer: Sealer,
  now: Date,
): Promise<KeyPair> {
  const known = await linkAuthority(installation, sealer)
  if (known !== undefined) return known
  const fromEpochMs = now.getTime() - BACKDATE_MS
  const made = makeLinkAuthority({
    fromEpochMs,
    untilEpochMs: fromEpochMs + AUTHORITY_YEARS * YEAR_MS,
  })
  const sealedPrivateKey = sealer.seal(PLACE, made.privateKey)
  await installation.put(KEY, { certificate: made.certificate, sealedPrivateKey })
  return made
}
