/**
 * Certificates for tests of mutual TLS, made by hand as DER (RFC 5280): authorities, clients, revocation lists, each
 * right but for what a test asks to be wrong.
 */

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { systemClock } from '../base/clock.ts'
import { bitString, encode, integer, objectId, sequence, time } from './der.ts'

export interface FakeCertificate {
  readonly pem: string
  readonly keyPem: string
  readonly name: string
  readonly key: KeyObject
  readonly publicKey: KeyObject
  readonly serial: Buffer
}

export interface FakeCertificateOptions {
  readonly name: string
  /** Undefined: signs itself. */
  readonly issuer?: FakeCertificate
  readonly authority?: boolean
  readonly pathLength?: number
  /** Dotted ids; undefined: no extension. */
  readonly usages?: readonly string[]
  readonly dnsNames?: readonly string[]
  /** DNS names that an authority may sign for. */
  readonly permits?: string
  readonly fromEpochMs?: number
  readonly untilEpochMs?: number
  readonly serial?: Buffer
}

export const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2'
export const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1'
const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'))
const TRUE = Buffer.from([1, 1, 255])
const DAY_MS = 86_400_000

export function fakeCertificate(options: FakeCertificateOptions): FakeCertificate {
  const { name, issuer, serial = randomBytes(8) } = options
  serial[0]! &= 0x7f
  serial[0]! |= 0x40
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signer = issuer ?? { name, key: keys.privateKey, publicKey: keys.publicKey }
  const content = sequence(
    encode(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    distinguishedName(signer.name),
    sequence(
      time(options.fromEpochMs ?? systemClock.epochMs() - DAY_MS),
      time(options.untilEpochMs ?? systemClock.epochMs() + DAY_MS),
    ),
    distinguishedName(name),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    encode(0xa3, sequence(...extensionsOf(options, keys.publicKey, signer.publicKey))),
  )
  return {
    pem: pem('CERTIFICATE', signed(content, signer.key)),
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name,
    key: keys.privateKey,
    publicKey: keys.publicKey,
    serial,
  }
}

/** A list of its revoked certificates (RFC 5280 §5). */
export function fakeRevocationList(
  issuer: FakeCertificate,
  revoked: readonly FakeCertificate[],
  untilEpochMs = systemClock.epochMs() + DAY_MS,
): string {
  const entries = revoked.map(({ serial }) =>
    sequence(integer(serial), time(systemClock.epochMs() - 1_000)),
  )
  const content = sequence(
    integer(Buffer.from([1])),
    ECDSA_SHA256,
    distinguishedName(issuer.name),
    time(systemClock.epochMs() - DAY_MS),
    time(untilEpochMs),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    encode(0xa0, sequence(extension('2.5.29.20', integer(Buffer.from([1]))))),
  )
  return pem('X509 CRL', signed(content, issuer.key))
}

function extensionsOf(
  { authority = false, pathLength, usages, dnsNames, permits }: FakeCertificateOptions,
  own: KeyObject,
  issuer: KeyObject,
): Buffer[] {
  const path = pathLength === undefined ? [] : [integer(Buffer.from([pathLength]))]
  const dns = (name: string) => encode(0x82, Buffer.from(name))
  return [
    extension('2.5.29.19', authority ? sequence(TRUE, ...path) : sequence(), true),
    extension(
      '2.5.29.15',
      authority ? bitString(Buffer.from([6]), 1) : bitString(Buffer.from([0x80]), 7),
    ),
    extension('2.5.29.14', encode(0x04, keyId(own))),
    extension('2.5.29.35', sequence(encode(0x80, keyId(issuer)))),
    ...(usages === undefined ? [] : [extension('2.5.29.37', sequence(...usages.map(objectId)))]),
    ...(dnsNames === undefined ? [] : [extension('2.5.29.17', sequence(...dnsNames.map(dns)))]),
    ...(permits === undefined
      ? []
      : [extension('2.5.29.30', sequence(encode(0xa0, sequence(dns(permits)))), true)]),
  ]
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectId(id), ...(critical ? [TRUE] : []), encode(0x04, value))
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }).subarray(-65))
    .digest()
}

function distinguishedName(commonName: string): Buffer {
  const name = sequence(objectId('2.5.4.3'), encode(0x0c, Buffer.from(commonName)))
  return sequence(encode(0x31, name))
}

function signed(content: Buffer, key: KeyObject): Buffer {
  return sequence(content, ECDSA_SHA256, bitString(sign('sha256', content, key)))
}

function pem(label: string, der: Buffer): string {
  const lines = der
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
