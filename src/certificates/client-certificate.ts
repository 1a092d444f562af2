/** Makes a certificate that the gateway shows to origins: its own issuer, for client authentication only (RFC 5280). */

import { generateKeyPairSync } from 'node:crypto'
import { distinguishedName, extension, keyId, signed, spki } from './certificate.ts'
import { bitString, encode, objectId, sequence, time } from './der.ts'

export interface MadeClientCertificate {
  /** PEM. */
  readonly certificate: string
  /** PKCS#8 in DER. */
  readonly privateKey: Buffer
  readonly untilEpochMs: number
}

const DAY_MS = 86_400_000
const DAYS = 365
/** Clocks of origins may be a little behind. */
const BACKDATE_MS = 3_600_000
const BASIC_CONSTRAINTS = '2.5.29.19'
const KEY_USAGE = '2.5.29.15'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SUBJECT_KEY_ID = '2.5.29.14'
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2'

export function makeClientCertificate(epochMs: number): MadeClientCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const untilEpochMs = Math.floor((epochMs + DAYS * DAY_MS) / 1_000) * 1_000
  const name = distinguishedName('ApiGateway')
  const validity = sequence(time(epochMs - BACKDATE_MS), time(untilEpochMs))
  const extensions = [
    extension(BASIC_CONSTRAINTS, sequence(), true),
    extension(KEY_USAGE, bitString(Buffer.from([0x80]), 7), true),
    extension(EXTENDED_KEY_USAGE, sequence(objectId(CLIENT_AUTHENTICATION))),
    extension(SUBJECT_KEY_ID, encode(0x04, keyId(publicKey))),
  ]
  return {
    certificate: signed([name, validity, name, spki(publicKey)], extensions, privateKey),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }),
    untilEpochMs,
  }
}
