/**
 * Checks a certificate that is brought, with its key and its chain, before it may be served: each flaw is told with the
 * place and the mend, because what is accepted here is what browsers will refuse at midnight.
 *
 * Order (RFC 8446 §4.4.2: each certifies the one before), signatures, authorities that are authorities, validity, names,
 * the strength of keys and signatures, and whether the key is that of the certificate. Pure; the time is handed in.
 * https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html
 */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { type CertificatePlace, CertificateProblem } from './certificate-problem.ts'
import type { KeyAlgorithm } from './certificate-record.ts'
import { keyAlgorithmOf, weaknessOf } from './key-facts.ts'
import { type PemBlock, pemBlocks, pemOfBlock } from './pem-blocks.ts'
import { namesOf } from './server-names.ts'

/** PEM, all three. */
export interface BroughtCertificate {
  readonly certificate: string
  readonly chain: string
  readonly privateKey: string
}

export interface CheckedCertificate {
  readonly leaf: X509Certificate
  readonly names: readonly string[]
  readonly keyAlgorithm: KeyAlgorithm
  /** Normalized PEM. */
  readonly certificate: string
  readonly chain: string
  /** PKCS #8, DER. */
  readonly privateKey: Buffer
}

/** More than any public chain has. */
const CHAIN_MAX = 10
/** Of clocks that are behind. */
const SKEW_MS = 5 * 60_000
const WEAK_SIGNATURE = /md2|md4|md5|sha1(?:$|[^0-9])/i

/** Throws a CertificateProblem. */
export function checkCertificate(brought: BroughtCertificate, now: Date): CheckedCertificate {
  const leaf = readLeaf(brought.certificate)
  const key = readKey(brought.privateKey)
  const chain = readChain(brought.chain, leaf)
  if (!leaf.checkPrivateKey(key)) {
    throw new CertificateProblem(
      'PrivateKey',
      `it is not the key of the certificate of ${commonNameOf(leaf)}`,
      'Give the key that the request for this certificate was made with.',
    )
  }
  checkStrength('Certificate', leaf)
  checkTime('Certificate', leaf, now)
  checkOrder(leaf, chain, now)
  const names = namesOf(leaf)
  if (names.length === 0) {
    throw new CertificateProblem(
      'Certificate',
      'it names no host: it has no DNS name among its subject alternative names',
      'Have it issued with the names that clients use; the common name alone counts nowhere any more.',
    )
  }
  return {
    leaf,
    names,
    keyAlgorithm: keyAlgorithmOf(leaf.publicKey)!,
    certificate: pemOfBlock('CERTIFICATE', leaf.raw),
    chain: chain.map(({ raw }) => pemOfBlock('CERTIFICATE', raw)).join(''),
    privateKey: key.export({ type: 'pkcs8', format: 'der' }),
  }
}

function readLeaf(text: string): X509Certificate {
  const blocks = certificateBlocks('Certificate', text)
  if (blocks.length === 1) return parsed('Certificate', blocks[0]!.der, 1)
  throw new CertificateProblem(
    'Certificate',
    blocks.length === 0
      ? 'there is no certificate in it'
      : `there are ${blocks.length} certificates in it`,
    'Give the certificate of the server alone, in PEM; those above it go into CertificateChain.',
  )
}

function readChain(text: string, leaf: X509Certificate): X509Certificate[] {
  const blocks = certificateBlocks('CertificateChain', text)
  if (blocks.length > CHAIN_MAX) {
    throw new CertificateProblem(
      'CertificateChain',
      `it has ${blocks.length} certificates, and ${CHAIN_MAX} are the most`,
      'Leave out those that do not lead from the certificate to its root.',
    )
  }
  const chain = blocks.map(({ der }, i) => parsed('CertificateChain', der, i + 1))
  if (chain.some(({ fingerprint256 }) => fingerprint256 === leaf.fingerprint256)) {
    throw new CertificateProblem(
      'CertificateChain',
      'the certificate itself is in it',
      'Leave it out: the chain begins with the authority that has signed the certificate.',
    )
  }
  return chain
}

function certificateBlocks(place: CertificatePlace, text: string): readonly PemBlock[] {
  const blocks = pemBlocks(text)
  if (blocks === undefined) {
    throw new CertificateProblem(
      place,
      'it is cut, or holds what is not base64',
      'Give it in PEM, whole, from BEGIN to END.',
    )
  }
  const other = blocks.find(({ label }) => label !== 'CERTIFICATE')
  if (other === undefined) return blocks
  throw new CertificateProblem(
    place,
    `there is a block "${other.label}" in it`,
    'Only blocks "CERTIFICATE" belong there; a private key goes into PrivateKey.',
  )
}

function parsed(place: CertificatePlace, der: Buffer, number: number): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch {
    throw new CertificateProblem(
      place,
      `certificate ${number} cannot be read`,
      'It is damaged, or no X.509 certificate; give it as the authority has issued it.',
    )
  }
}

function readKey(text: string): KeyObject {
  if (/ENCRYPTED/.test(text)) {
    throw new CertificateProblem(
      'PrivateKey',
      'it is encrypted with a passphrase',
      'Take the passphrase off (openssl pkey -in FILE -out PLAIN); Postern seals it itself.',
    )
  }
  try {
    return createPrivateKey(text)
  } catch {
    throw new CertificateProblem(
      'PrivateKey',
      'it cannot be read',
      'Give one private key in PEM: PKCS #8, or as RSA and EC tools write it.',
    )
  }
}

/** Each has to be signed by the next. */
function checkOrder(leaf: X509Certificate, chain: readonly X509Certificate[], now: Date): void {
  if (chain.length === 0 && !isSelfSigned(leaf)) {
    throw new CertificateProblem(
      'CertificateChain',
      'there is none, and the certificate is not self-signed',
      `Give the certificate of its issuer, "${leaf.issuer.replaceAll('\n', ', ')}", and of those above it.`,
    )
  }
  let below = leaf
  for (const [i, above] of chain.entries()) {
    const number = i + 1
    if (!isSignedBy(below, above)) throw outOfOrder(below, chain, number)
    if (!above.ca) {
      throw new CertificateProblem(
        'CertificateChain',
        `certificate ${number} (${commonNameOf(above)}) is not that of an authority`,
        'What it has signed is worth nothing; give the chain of the authority.',
      )
    }
    checkTime('CertificateChain', above, now, number)
    // The signature of a root is looked at by nobody.
    if (!isSelfSigned(above)) checkStrength('CertificateChain', above, number)
    below = above
  }
}

function outOfOrder(
  below: X509Certificate,
  chain: readonly X509Certificate[],
  number: number,
): CertificateProblem {
  const rightful = chain.findIndex((candidate) => isSignedBy(below, candidate))
  const what = number === 1 ? 'the certificate' : `certificate ${number - 1}`
  const found = `certificate ${number} has not signed ${what} (${commonNameOf(below)})`
  return rightful < 0
    ? new CertificateProblem(
        'CertificateChain',
        `${found}, and none in it has`,
        `Its issuer is "${below.issuer.replaceAll('\n', ', ')}": begin with the certificate of that authority.`,
      )
    : new CertificateProblem(
        'CertificateChain',
        `${found}; certificate ${rightful + 1} has: they are in the wrong order`,
        'Put each certificate behind the one that it has signed.',
      )
}

export function isSignedBy(below: X509Certificate, above: X509Certificate): boolean {
  return below.checkIssued(above) && below.verify(above.publicKey)
}

export function isSelfSigned(certificate: X509Certificate): boolean {
  return isSignedBy(certificate, certificate)
}

function checkTime(
  place: CertificatePlace,
  certificate: X509Certificate,
  now: Date,
  number?: number,
): void {
  const { validFromDate, validToDate } = certificate
  const which = number === undefined ? 'it' : `certificate ${number} (${commonNameOf(certificate)})`
  if (validToDate.getTime() <= now.getTime()) {
    throw new CertificateProblem(
      place,
      `${which} has expired on ${validToDate.toISOString()}`,
      'Have it issued anew.',
    )
  }
  if (validFromDate.getTime() > now.getTime() + SKEW_MS) {
    throw new CertificateProblem(
      place,
      `${which} is not valid before ${validFromDate.toISOString()}`,
      'Import it then, or set the clock of this machine.',
    )
  }
}

function checkStrength(
  place: CertificatePlace,
  certificate: X509Certificate,
  number?: number,
): void {
  const which = number === undefined ? '' : `certificate ${number}: `
  const weakness = weaknessOf(certificate.publicKey)
  const signature = certificate.signatureAlgorithm ?? ''
  if (weakness === undefined && !WEAK_SIGNATURE.test(signature)) {
    if (number !== undefined || keyAlgorithmOf(certificate.publicKey) !== undefined) return
  }
  const why = weakness ?? (WEAK_SIGNATURE.test(signature) ? `it is signed with ${signature}` : '')
  throw new CertificateProblem(
    place,
    which + (why === '' ? 'an RSA key of this size cannot be served' : why),
    'Have one issued with RSA of 2048, 3072 or 4096 bits, or with P-256, P-384 or P-521, and SHA-256 or better.',
  )
}

function commonNameOf({ subject }: X509Certificate): string {
  return /CN=(.*)/.exec(subject ?? '')?.[1] ?? (subject ?? 'no name').replaceAll('\n', ', ')
}
