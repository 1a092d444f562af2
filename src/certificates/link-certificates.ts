/**
 * The certificates of VPC links (RFC 5280): the authority of an installation, the gateway's end, the agents.
 *
 * The authority is constrained to names below `postern.internal`, which no public server has; agents' certificates are
 * for clients only and the link port's for a server only, so neither can stand in for the other.
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto'
import { LINK_SERVER_NAME } from '../domain/link-enrolment.ts'
import { type AgentName, formatAgentName } from '../domain/link-token.ts'
import {
  distinguishedName,
  extension,
  type KeyPair,
  keyId,
  signed,
  subjectOf,
  type Validity,
} from './certificate.ts'
import { bitString, encode, integer, objectId, sequence, time } from './der.ts'
import { DIGITAL_SIGNATURE, DNS_NAME, OID, TRUE } from './x509.ts'

const NAMES_BELOW = 'postern.internal'
/** Bit of KeyUsage. */
const SIGN_CERTIFICATES = bitString(Buffer.from([0x04]), 2)

/** A self-signed authority that can sign for names of links and for nothing else. */
export function makeLinkAuthority(validity: Validity): KeyPair {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = distinguishedName(`Postern link authority ${randomBytes(4).toString('hex')}`)
  const permitted = sequence(dnsName(NAMES_BELOW))
  const extensions = [
    extension(OID.basicConstraints, sequence(TRUE, integer(Buffer.from([0]))), true),
    extension(OID.keyUsage, SIGN_CERTIFICATES, true),
    extension(OID.nameConstraints, sequence(encode(0xa0, permitted)), true),
    extension(OID.subjectKeyId, encode(0x04, keyId(keys.publicKey))),
  ]
  const middle = [name, validityOf(validity), name, spkiOf(keys.publicKey)]
  const certificate = signed(middle, extensions, keys.privateKey)
  return { certificate, privateKey: pemOf(keys.privateKey) }
}

/** For the link port; its key is new. */
export function makeLinkServerCertificate(authority: KeyPair, validity: Validity): KeyPair {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const of = { name: LINK_SERVER_NAME, purpose: OID.serverAuthentication, key: keys.publicKey }
  return { certificate: issue(authority, of, validity), privateKey: pemOf(keys.privateKey) }
}

/** For an agent, whose key stays with it. */
export function makeAgentCertificate(
  authority: KeyPair,
  { agent, key }: { readonly agent: AgentName; readonly key: KeyObject },
  validity: Validity,
): string {
  const of = { name: formatAgentName(agent), purpose: OID.clientAuthentication, key }
  return issue(authority, of, validity)
}

/** SHA-256 of the certificate, base64url: by it an agent knows the authority before it has said anything. */
export function authorityFingerprint(certificate: string): string {
  return createHash('sha256').update(new X509Certificate(certificate).raw).digest('base64url')
}

function issue(
  authority: KeyPair,
  of: { readonly name: string; readonly purpose: string; readonly key: KeyObject },
  validity: Validity,
): string {
  const authorityKey = createPrivateKey(authority.privateKey)
  const authorityId = encode(0x80, keyId(createPublicKey(authorityKey)))
  const extensions = [
    extension(OID.basicConstraints, sequence(), true),
    extension(OID.keyUsage, DIGITAL_SIGNATURE, true),
    extension(OID.extendedKeyUsage, sequence(objectId(of.purpose))),
    extension(OID.subjectAlternativeName, sequence(dnsName(of.name))),
    extension(OID.subjectKeyId, encode(0x04, keyId(of.key))),
    extension(OID.authorityKeyId, sequence(authorityId)),
  ]
  const subject = distinguishedName(of.name)
  const issuer = subjectOf(authority.certificate)
  return signed([issuer, validityOf(validity), subject, spkiOf(of.key)], extensions, authorityKey)
}

function dnsName(name: string): Buffer {
  return encode(DNS_NAME, Buffer.from(name, 'latin1'))
}

function validityOf({ fromEpochMs, untilEpochMs }: Validity): Buffer {
  return sequence(time(fromEpochMs), time(untilEpochMs))
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
