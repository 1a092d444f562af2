/**
 * Makes certificates (RFC 5280): authorities, and what they sign for servers.
 *
 * Authorities are EC P-256 with SHA-256. The one of local development is constrained to `localhost` and the loopback
 * addresses, so trusting it in a browser gives nobody who steals its key a certificate for anything else; a private
 * one signs for any name.
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { bitString, encode, integer, objectId, sequence, time } from './der.ts'
import { DIGITAL_SIGNATURE, DNS_NAME, OID, TRUE } from './x509.ts'

/** PEM, both. */
export interface KeyPair {
  readonly certificate: string
  readonly privateKey: string
}

export interface Validity {
  readonly fromEpochMs: number
  readonly untilEpochMs: number
}

/** Tag of an address among GeneralNames (RFC 5280 §4.2.1.6). */
const IP_ADDRESS = 0x87
/** Clients of TLS 1.2 may have a session key encrypted to an RSA key. */
const SIGNATURE_AND_ENCIPHERMENT = bitString(Buffer.from([0xa0]), 5)
const SIGN_CERTIFICATES_AND_LISTS = bitString(Buffer.from([0x06]), 1)
const SERIAL_BYTES = 16
/** An uncompressed point of P-256 at the end of its SubjectPublicKeyInfo. */
const POINT_BYTES = 65

const LOOPBACK_4 = Buffer.from([127, 0, 0, 1])
const LOOPBACK_6 = Buffer.from([...new Array<number>(15).fill(0), 1])

/** A self-signed authority that can sign for this machine's own names and for no other authority. */
export function makeAuthority(validity: Validity): KeyPair {
  return authorityNamed('Postern local CA', validity, [
    extension(OID.nameConstraints, loopbackOnly(), true),
  ])
}

/** A self-signed authority that can sign for any server and for no other authority. */
export function makePrivateAuthority(validity: Validity): KeyPair {
  return authorityNamed('Postern private CA', validity, [])
}

function authorityNamed(
  title: string,
  validity: Validity,
  constraints: readonly Buffer[],
): KeyPair {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  // Each has a name of its own: trust stores keep several apart by it.
  const name = distinguishedName(`${title} ${randomBytes(4).toString('hex')}`)
  const extensions = [
    extension(OID.basicConstraints, sequence(TRUE, integer(Buffer.from([0]))), true),
    extension(OID.keyUsage, SIGN_CERTIFICATES_AND_LISTS, true),
    ...constraints,
    extension(OID.subjectKeyId, encode(0x04, keyId(keys.publicKey))),
  ]
  const certificate = signed(
    [name, validityOf(validity), name, spki(keys.publicKey)],
    extensions,
    keys.privateKey,
  )
  return { certificate, privateKey: pemOf(keys.privateKey) }
}

/** A server certificate for `dnsNames` and the loopback addresses. */
export function makeServerCertificate(
  authority: KeyPair,
  dnsNames: readonly string[],
  validity: Validity,
): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const addresses = [encode(IP_ADDRESS, LOOPBACK_4), encode(IP_ADDRESS, LOOPBACK_6)]
  const certificate = serverCertificate(authority, {
    ...{ publicKey, validity, usages: [OID.serverAuthentication] },
    names: [...dnsNames.map(dnsName), ...addresses],
    commonName: dnsNames[0]!,
  })
  return { certificate, privateKey: pemOf(privateKey) }
}

/** For the holder of a key, who is a server and may show it as a client, too. PEM. */
export function signServerCertificate(
  authority: KeyPair,
  dnsNames: readonly string[],
  { publicKey, validity }: { readonly publicKey: KeyObject; readonly validity: Validity },
): string {
  return serverCertificate(authority, {
    ...{ publicKey, validity, usages: [OID.serverAuthentication, OID.clientAuthentication] },
    names: dnsNames.map(dnsName),
    commonName: dnsNames[0]!,
  })
}

interface ServerWish {
  readonly publicKey: KeyObject
  readonly validity: Validity
  readonly usages: readonly string[]
  /** GeneralNames. */
  readonly names: readonly Buffer[]
  readonly commonName: string
}

function serverCertificate(authority: KeyPair, wish: ServerWish): string {
  const { publicKey, validity, usages, names, commonName } = wish
  const authorityKey = createPrivateKey(authority.privateKey)
  const isRsa = publicKey.asymmetricKeyType === 'rsa'
  const extensions = [
    extension(OID.basicConstraints, sequence(), true),
    extension(OID.keyUsage, isRsa ? SIGNATURE_AND_ENCIPHERMENT : DIGITAL_SIGNATURE, true),
    extension(OID.extendedKeyUsage, sequence(...usages.map(objectId))),
    extension(OID.subjectAlternativeName, sequence(...names)),
    extension(OID.subjectKeyId, encode(0x04, keyId(publicKey))),
    extension(OID.authorityKeyId, sequence(encode(0x80, keyId(createPublicKey(authorityKey))))),
  ]
  const head = [subjectOf(authority.certificate), validityOf(validity)]
  return signed([...head, distinguishedName(commonName), spki(publicKey)], extensions, authorityKey)
}

function dnsName(name: string): Buffer {
  return encode(DNS_NAME, Buffer.from(name, 'latin1'))
}

/** RFC 5280 §4.1: `middle` is issuer, validity, subject and public key. */
export function signed(
  middle: readonly Buffer[],
  extensions: readonly Buffer[],
  key: KeyObject,
): string {
  const algorithm = sequence(objectId(OID.ecdsaWithSha256))
  const [issuer, ...rest] = middle
  const content = sequence(
    encode(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(SERIAL_BYTES)),
    algorithm,
    issuer!,
    ...rest,
    encode(0xa3, sequence(...extensions)),
  )
  return pem(sequence(content, algorithm, bitString(sign('sha256', content, key))))
}

export function extension(id: string, value: Uint8Array, critical = false): Buffer {
  return sequence(objectId(id), ...(critical ? [TRUE] : []), encode(0x04, value))
}

/** RFC 5280 §4.2.1.10: permitted are localhost with all below it, 127.0.0.0/8 and ::1. */
function loopbackOnly(): Buffer {
  const permitted = [
    encode(DNS_NAME, Buffer.from('localhost', 'latin1')),
    encode(IP_ADDRESS, Buffer.from([127, 0, 0, 0, 255, 0, 0, 0])),
    encode(IP_ADDRESS, LOOPBACK_6, Buffer.alloc(16, 255)),
  ]
  return sequence(encode(0xa0, ...permitted.map((name) => sequence(name))))
}

export function distinguishedName(commonName: string): Buffer {
  const attribute = (id: string, value: string) =>
    encode(0x31, sequence(objectId(id), encode(0x0c, Buffer.from(value))))
  return sequence(attribute(OID.organization, 'Postern'), attribute(OID.commonName, commonName))
}

/** The subject of our own authority, written again from its common name. */
export function subjectOf(certificate: string): Buffer {
  const { subject } = new X509Certificate(certificate)
  return distinguishedName(/CN=(.*)/.exec(subject)?.[1] ?? '')
}

function validityOf(validity: Validity): Buffer {
  return sequence(time(validity.fromEpochMs), time(validity.untilEpochMs))
}

export function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

/** RFC 5280 §4.2.1.2: method 1 for P-256; other keys are told apart by all that describes them. */
export function keyId(key: KeyObject): Buffer {
  const isPoint = key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
  const bytes = isPoint ? spki(key).subarray(-POINT_BYTES) : spki(key)
  return createHash('sha1').update(bytes).digest()
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g)!
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
