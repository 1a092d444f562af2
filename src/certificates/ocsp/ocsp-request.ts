/**
 * The question to an OCSP responder whether a certificate has been revoked (RFC 6960 §4.1), and where it is asked.
 */

import { createHash, X509Certificate } from 'node:crypto'
import { encode, integer, objectId, sequence } from '../der.ts'
import { contentOf, readParts, readValues, TAG } from './ocsp-der.ts'

/** A certificate and who has issued it. */
export interface OcspSubject {
  readonly certificate: X509Certificate
  readonly issuer: X509Certificate
  readonly responder: URL
}

/** How a certificate is named in OCSP: hashes of its issuer's name and key, and its serial number. */
export interface CertificateId {
  readonly nameHash: Buffer
  readonly keyHash: Buffer
  readonly serial: Buffer
}

const SHA1 = '1.3.14.3.2.26'
const NULL = Buffer.from([0x05, 0x00])
/** RFC 5280 §4.1: position in TBSCertificate, when the version stands in front. */
const SERIAL = 1
const SUBJECT = 5
const PUBLIC_KEY = 6

/** Undefined: its authority has no responder, as Let's Encrypt, or its chain does not hold the authority. */
export function ocspSubjectOf(certificatePem: string, chainPem: string): OcspSubject | undefined {
  const certificate = new X509Certificate(certificatePem)
  const responder = responderOf(certificate)
  if (responder === undefined || chainPem.trim() === '') return undefined
  const issuer = new X509Certificate(chainPem)
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return undefined
  return { certificate, issuer, responder }
}

export function certificateIdOf({ certificate, issuer }: OcspSubject): CertificateId {
  const [, subject, key] = [SERIAL, SUBJECT, PUBLIC_KEY].map((part) => partOf(issuer, part))
  const [, bits] = readParts(key!)
  return {
    nameHash: sha1(subject!),
    // Without the count of unused bits.
    keyHash: sha1(contentOf(bits, TAG.bitString).subarray(1)),
    serial: contentOf(readValues(partOf(certificate, SERIAL))[0], TAG.integer),
  }
}

/** Without a nonce: responders sign in advance, and so what is stapled can be kept (RFC 5019). */
export function ocspRequest({ nameHash, keyHash, serial }: CertificateId): Buffer {
  const algorithm = sequence(objectId(SHA1), NULL)
  const id = sequence(
    algorithm,
    encode(TAG.octetString, nameHash),
    encode(TAG.octetString, keyHash),
    integer(serial),
  )
  return sequence(sequence(sequence(sequence(id))))
}

/** RFC 5280 §4.2.2.1. */
function responderOf({ infoAccess }: X509Certificate): URL | undefined {
  const text = /^OCSP - URI:(\S+)$/m.exec(infoAccess ?? '')?.[1] ?? ''
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}

function partOf({ raw }: X509Certificate, part: number): Buffer {
  const [content] = readParts(raw)
  const found = readParts(content!.whole)[part]
  if (found === undefined) throw new Error('a certificate of version 3 has such a part')
  return found.whole
}

/** SHA-1 names an issuer here, it proves nothing (RFC 6960 §4.3). */
function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest()
}
