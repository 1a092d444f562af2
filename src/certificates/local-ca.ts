/**
 * The certificate of `https://localhost`: made on the first start, kept under the data directory, renewed in time.
 *
 * Three files, each complete in itself and replaced by one rename, so no reader ever sees half of a pair:
 * `ca.key.pem` (certificate and key of the authority, 0600), `server.pem` (the same for the server, 0600), `ca.pem`
 * (what a browser or `curl --cacert` is to trust). Processes that start together agree because the authority is only
 * ever created, by a link that fails if there is one, and because whoever writes reads again what has come of it.
 */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { assert } from '../base/assert.ts'
import type { Clock } from '../base/clock.ts'
import { type KeyPair, makeAuthority, makeServerCertificate, type Validity } from './certificate.ts'
import {
  createFile,
  joinPair,
  makePrivate,
  readIfThere,
  replaceFile,
  splitPair,
} from './pair-file.ts'

export interface LocalCertificate extends KeyPair {
  /** Path of the authority's certificate, for clients that are to trust it. */
  readonly caFile: string
  /** What was made or mended in this call, and why; one sentence each. */
  readonly notes: readonly string[]
}

const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3_650
/** CA/Browser Forum's limit of 2020, which browsers and Apple's libraries enforce for local authorities too. */
const SERVER_DAYS = 397
const RENEWAL_DAYS = 30
/** Tolerance for clients whose clock is behind. */
const BACKDATE_MS = 3_600_000
const PRIVATE_MODE = 0o600
const ATTEMPTS_MAX = 5

const SERVER_NAMES = ['localhost', '*.localhost', '*.execute-api.localhost'] as const

interface Place {
  readonly authority: string
  readonly server: string
  readonly caFile: string
  readonly clock: Clock
  readonly notes: string[]
}

/** Reads the local certificate, making or renewing what is missing, broken or about to expire. */
export async function ensureLocalCertificate(
  dataDirectory: string,
  clock: Clock,
): Promise<LocalCertificate> {
  const place = await placeIn(dataDirectory, clock)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const authority = await currentAuthority(place)
    const server = await currentServer(place, authority)
    if (server !== undefined) return { ...server, caFile: place.caFile, notes: place.notes }
  }
  throw new Error(
    `the certificates beside ${place.caFile} keep changing: is another program writing there?`,
  )
}

/** The authority that signs for names of this machine; made when there is none. */
export function ensureLocalAuthority(dataDirectory: string, clock: Clock): Promise<KeyPair> {
  return placeIn(dataDirectory, clock).then(currentAuthority)
}

async function placeIn(dataDirectory: string, clock: Clock): Promise<Place> {
  const directory = join(dataDirectory, 'certificates')
  await mkdir(directory, { recursive: true })
  return {
    authority: join(directory, 'ca.key.pem'),
    server: join(directory, 'server.pem'),
    caFile: join(directory, 'ca.pem'),
    clock,
    notes: [],
  }
}

/** The authority as it stands in the file at the end, whoever made it. */
async function currentAuthority(place: Place): Promise<KeyPair> {
  const text = await readIfThere(place.authority)
  const flaw = text === undefined ? 'there is none yet' : authorityFlaw(text, place.clock)
  if (flaw !== undefined) {
    const made = joinPair(makeAuthority(validity(place.clock, AUTHORITY_DAYS)))
    // A broken one is replaced; a missing one only if nobody else was faster.
    if (text !== undefined) await replaceFile(place.authority, made, PRIVATE_MODE)
    else await createFile(place.authority, made, PRIVATE_MODE)
    place.notes.push(
      `made a local certificate authority (${flaw}); to trust it, import ${place.caFile}`,
    )
  } else await keepPrivate(place.authority, place)
  const authority = splitPair((await readIfThere(place.authority)) ?? '')
  assert(authority !== undefined, `${place.authority} holds a certificate and its key`)
  if ((await readIfThere(place.caFile)) !== authority.certificate) {
    await replaceFile(place.caFile, authority.certificate, 0o644)
  }
  return authority
}

/** The server's certificate if it is good; undefined when it had to be made and must be read again. */
async function currentServer(place: Place, authority: KeyPair): Promise<KeyPair | undefined> {
  const text = await readIfThere(place.server)
  const flaw =
    text === undefined ? 'there is none yet' : serverFlaw(text, authority.certificate, place.clock)
  if (flaw === undefined) {
    await keepPrivate(place.server, place)
    return splitPair(text!)
  }
  const made = makeServerCertificate(authority, SERVER_NAMES, validity(place.clock, SERVER_DAYS))
  await replaceFile(place.server, joinPair(made), PRIVATE_MODE)
  place.notes.push(`made a certificate for localhost (${flaw})`)
  return undefined
}

/** Why the authority cannot be used, or undefined when it can. */
function authorityFlaw(text: string, clock: Clock): string | undefined {
  const certificate = usable(text)
  if (typeof certificate === 'string') return certificate
  if (!certificate.ca) return 'its certificate is not that of an authority'
  // What it signs must not outlive it.
  return expiryFlaw(certificate, SERVER_DAYS, clock)
}

/** Why the server's certificate cannot be used, or undefined when it can. */
function serverFlaw(text: string, authority: string, clock: Clock): string | undefined {
  const certificate = usable(text)
  if (typeof certificate === 'string') return certificate
  const issuer = new X509Certificate(authority)
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
    return 'it was signed by another authority'
  }
  const names = certificate.subjectAltName?.split(', ') ?? []
  const missing = SERVER_NAMES.find((name) => !names.includes(`DNS:${name}`))
  return missing === undefined
    ? expiryFlaw(certificate, RENEWAL_DAYS, clock)
    : `it does not name ${missing}`
}

function expiryFlaw(certificate: X509Certificate, days: number, clock: Clock): string | undefined {
  const now = clock.epochMs()
  if (certificate.validFromDate.getTime() > now) return 'it is not valid yet'
  const leftMs = certificate.validToDate.getTime() - now
  return leftMs > days * DAY_MS ? undefined : `it expires ${certificate.validToDate.toISOString()}`
}

/** The certificate of a file whose key fits, or why it is not usable. */
function usable(text: string): X509Certificate | string {
  const pair = splitPair(text)
  if (pair === undefined) return 'its file is damaged'
  try {
    const certificate = new X509Certificate(pair.certificate)
    return certificate.checkPrivateKey(createPrivateKey(pair.privateKey))
      ? certificate
      : 'its key is not that of the certificate'
  } catch {
    return 'its file is damaged'
  }
}

/** A key that others could read was readable until now: say so. */
async function keepPrivate(path: string, place: Place): Promise<void> {
  if (await makePrivate(path)) place.notes.push(`others could read ${path}; now only you can`)
}

function validity(clock: Clock, days: number): Validity {
  const now = clock.epochMs()
  // Whole seconds, as a certificate counts them; the backdating counts towards the days.
  const fromEpochMs = Math.floor((now - BACKDATE_MS) / 1000) * 1000
  return { fromEpochMs, untilEpochMs: fromEpochMs + days * DAY_MS }
}
