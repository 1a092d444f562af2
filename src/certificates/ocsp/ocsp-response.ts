/**
 * The answer of an OCSP responder (RFC 6960 §4.2): read strictly, verified, and judged.
 *
 * It counts when it is signed by the issuer of the certificate, or by whom the issuer has certified for that purpose, is
 * about this certificate, and about now. Anything else is told with its reason and stapled to nothing.
 */

import { type KeyObject, verify, X509Certificate } from 'node:crypto'
import {
  contentOf,
  DerError,
  type DerValue,
  epochMsOf,
  objectIdText,
  readParts,
  readValues,
  TAG,
} from './ocsp-der.ts'
import { type CertificateId, certificateIdOf, type OcspSubject } from './ocsp-request.ts'

export type OcspVerdict =
  /** `untilMs`: it may be shown as long. */
  | { readonly kind: 'good'; readonly fromMs: number; readonly untilMs: number }
  | { readonly kind: 'revoked' }
  /** For operators. */
  | { readonly kind: 'useless'; readonly reason: string }

const BASIC = '1.3.6.1.5.5.7.48.1.1'
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
/** Of responders whose clock is ahead. */
const SKEW_MS = 300_000
const SUCCESSFUL = 0
const GOOD = 0x80
const REVOKED = 0xa1
const EXPLICIT_0 = 0xa0
const SIGNERS_MAX = 4

/** By which hash signatures of this algorithm are verified; those that are missing are too weak or too rare. */
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}

export function judgeOcspResponse(bytes: Buffer, subject: OcspSubject, nowMs: number): OcspVerdict {
  try {
    return judge(bytes, subject, nowMs)
  } catch (thrown) {
    if (!(thrown instanceof DerError)) throw thrown
    return useless(`it cannot be read: ${thrown.message}`)
  }
}

function judge(bytes: Buffer, subject: OcspSubject, nowMs: number): OcspVerdict {
  const [status, responseBytes] = readParts(bytes)
  const [code] = contentOf(status, TAG.enumerated)
  if (code !== SUCCESSFUL) return useless(`the responder says ${code}, not success`)
  const [type, response] = readParts(contentOf(responseBytes, EXPLICIT_0))
  if (objectIdText(contentOf(type, TAG.objectId)) !== BASIC) return useless('it is no basic one')
  const [data, algorithm, signature, certificates] = readParts(contentOf(response, TAG.octetString))
  const signers = signersOf(subject, certificates, nowMs)
  if (!isSigned(data, { algorithm, signature }, signers)) {
    return useless('neither the issuer has signed it nor whom the issuer has certified for it')
  }
  return judgeData(contentOf(data, TAG.sequence), certificateIdOf(subject), nowMs)
}

function judgeData(content: Buffer, id: CertificateId, nowMs: number): OcspVerdict {
  const parts = readValues(content)
  // Version and extensions are optional; between responder and time there is one list.
  const responses = parts.find(({ tag }) => tag === TAG.sequence)
  const single = readValues(contentOf(responses, TAG.sequence))
    .map(({ whole }) => readParts(whole))
    .find(([named]) => isAbout(named, id))
  if (single === undefined) return useless('it is about another certificate')
  const [, status, from, until] = single
  if (status?.tag === REVOKED) return { kind: 'revoked' }
  if (status?.tag !== GOOD) return useless('the responder does not know the certificate')
  if (until?.tag !== EXPLICIT_0) return useless('it does not say until when it is good')
  const fromMs = epochMsOf(contentOf(from, TAG.generalizedTime))
  const untilMs = epochMsOf(contentOf(readValues(until.content)[0], TAG.generalizedTime))
  if (fromMs > nowMs + SKEW_MS) return useless('it is of the future')
  if (untilMs <= nowMs) return useless('it is out of date')
  return { kind: 'good', fromMs, untilMs }
}

function isAbout(named: DerValue | undefined, id: CertificateId): boolean {
  const [, nameHash, keyHash, serial] = readValues(contentOf(named, TAG.sequence))
  return (
    contentOf(nameHash, TAG.octetString).equals(id.nameHash) &&
    contentOf(keyHash, TAG.octetString).equals(id.keyHash) &&
    contentOf(serial, TAG.integer).equals(id.serial)
  )
}

/** RFC 6960 §4.2.2.2. */
function signersOf(
  { issuer }: OcspSubject,
  certificates: DerValue | undefined,
  nowMs: number,
): readonly KeyObject[] {
  if (certificates === undefined) return [issuer.publicKey]
  const [list] = readValues(contentOf(certificates, EXPLICIT_0))
  const delegates = readValues(contentOf(list, TAG.sequence))
    .slice(0, SIGNERS_MAX)
    .map(({ whole }) => parsed(whole))
    .filter((each) => isDelegate(each, issuer, nowMs))
  return [issuer.publicKey, ...delegates.map(({ publicKey }) => publicKey)]
}

function isDelegate(each: X509Certificate, issuer: X509Certificate, nowMs: number): boolean {
  return (
    each.checkIssued(issuer) &&
    each.verify(issuer.publicKey) &&
    (each.keyUsage ?? []).includes(OCSP_SIGNING) &&
    each.validFromDate.getTime() <= nowMs + SKEW_MS &&
    each.validToDate.getTime() > nowMs
  )
}

function parsed(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch {
    throw new DerError('a certificate in it is none')
  }
}

function isSigned(
  data: DerValue | undefined,
  { algorithm, signature }: { algorithm: DerValue | undefined; signature: DerValue | undefined },
  signers: readonly KeyObject[],
): boolean {
  if (data === undefined) return false
  const [id] = readValues(contentOf(algorithm, TAG.sequence))
  const hash = HASHES[objectIdText(contentOf(id, TAG.objectId))]
  const bits = contentOf(signature, TAG.bitString).subarray(1)
  if (hash === undefined) return false
  return signers.some((key) => verify(hash, data.whole, key, bits))
}

function useless(reason: string): OcspVerdict {
  return { kind: 'useless', reason }
}
