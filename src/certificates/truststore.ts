/**
 * Truststores: the certificates of authorities whose clients a domain name lets in, read from where an operator keeps
 * them, with the revocation lists beside them. Runs when a domain name is created or updated, and for reloads.
 *
 * The list of `NAME` is `NAME.crl`, PEM; no such object: nothing is revoked. Limits and warnings as AWS:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
 */

import { createHash, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { ClientTrust } from '../domain/tls.ts'

/** Where truststores are; the place is an URI that it understands. */
export interface TruststoreSource {
  /** Undefined: there is nothing. Throws TruststoreError for what may not or cannot be read. */
  read(uri: string, objectVersion: string | undefined): Promise<string | undefined>
  /**
   * A word on one line that changes whenever the object does, `known` again while it has not; costs little then. Throws
   * TruststoreError.
   */
  look(uri: string, known: string | undefined): Promise<string>
}

export interface TruststorePlace {
  /** `s3://bucket/key` or `file:///folder/name.pem`. */
  readonly uri: string
  /** Of the object; undefined: its newest. */
  readonly objectVersion?: string | undefined
}

export interface Truststore {
  readonly trust: ClientTrust
  /** A sentence for each certificate that clients cannot be let in by. */
  readonly warnings: readonly string[]
}

/**
 * What `TruststoreSource.look` says of the truststore and its revocation list together. A version of an object never
 * changes, so only the list is looked at.
 */
export async function lookAtTruststore(
  { uri, objectVersion }: TruststorePlace,
  source: TruststoreSource,
  known: string | undefined,
): Promise<string> {
  const [knownStore, knownList] = known?.split('\n') ?? []
  const store = objectVersion ?? (await source.look(uri, knownStore))
  return `${store}\n${await source.look(`${uri}.crl`, knownList)}`
}

/** Reads it anew. Throws TruststoreError. */
export type ReadTruststore = (place: TruststorePlace) => Promise<Truststore>

/** It cannot be used; the message is for whoever has named it. */
export class TruststoreError extends Error {
  override name = 'TruststoreError'
}

/** AWS's quotas of a truststore. */
export const TRUSTSTORE_BYTES_MAX = 1_048_576
const CERTIFICATES_MAX = 1_000
const RSA_BITS_MIN = 2_048
const EC_CURVES = ['prime256v1', 'secp384r1', 'secp521r1']
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g
const LIST = /-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/g

/** Throws TruststoreError if it cannot be read, or holds nothing that a client could be let in by. */
export async function readTruststore(
  place: TruststorePlace,
  source: TruststoreSource,
  epochMs: number,
): Promise<Truststore> {
  const { uri, objectVersion } = place
  const text = await source.read(uri, objectVersion)
  if (text === undefined) throw new TruststoreError(`The truststore ${uri} does not exist`)
  checkSize(uri, text)
  const { authorities, warnings } = authoritiesIn(uri, text, epochMs)
  const lists = await source.read(`${uri}.crl`, undefined)
  const revocationLists = lists === undefined ? [] : listsIn(`${uri}.crl`, lists)
  const version = versionOf([...authorities, ...revocationLists])
  return {
    trust: { authorities: `${authorities.join('\n')}\n`, revocationLists, version },
    warnings,
  }
}

function checkSize(uri: string, text: string): void {
  if (text.length > TRUSTSTORE_BYTES_MAX) {
    throw new TruststoreError(`${uri} is longer than ${TRUSTSTORE_BYTES_MAX} bytes`)
  }
}

function authoritiesIn(uri: string, text: string, epochMs: number) {
  const found = text.match(CERTIFICATE) ?? []
  if (found.length > CERTIFICATES_MAX) {
    throw new TruststoreError(
      `The truststore ${uri} holds more than ${CERTIFICATES_MAX} certificates`,
    )
  }
  const warnings: string[] = []
  const issuers = new Map<string, string>()
  const authorities = found.filter((pem, index) => {
    const certificate = parsed(pem)
    const fault =
      certificate === undefined ? 'it cannot be parsed' : findFault(certificate, epochMs)
    if (fault !== undefined) warnings.push(`Certificate ${index + 1} of the truststore: ${fault}`)
    if (certificate === undefined || fault !== undefined) return false
    refuseConflict(issuers, certificate)
    return true
  })
  if (authorities.length === 0) {
    const why = warnings.length === 0 ? '' : `: ${warnings.join('; ')}`
    throw new TruststoreError(`The truststore ${uri} has no valid certificate${why}`)
  }
  return { authorities, warnings }
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** Why no client can be let in by it. */
function findFault(certificate: X509Certificate, epochMs: number): string | undefined {
  const { subject, validTo, validFrom, publicKey } = certificate
  const name = oneLine(subject)
  if (Date.parse(validTo) < epochMs) return `${name} has expired on ${validTo}`
  if (Date.parse(validFrom) > epochMs) return `${name} is not valid before ${validFrom}`
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined && modulusLength < RSA_BITS_MIN) {
    return `the key of ${name} has ${modulusLength} bits, fewer than ${RSA_BITS_MIN}`
  }
  if (namedCurve !== undefined && !EC_CURVES.includes(namedCurve)) {
    return `the key of ${name} is on the curve ${namedCurve}, which is none of ${EC_CURVES.join(', ')}`
  }
  return undefined
}

/** Two authorities of one name would be taken for each other (AWS refuses them, too). */
function refuseConflict(issuers: Map<string, string>, { subject, issuer }: X509Certificate): void {
  const before = issuers.get(subject)
  if (before !== undefined && before !== issuer) {
    throw new TruststoreError(
      `The certificate subject ${oneLine(subject)} conflicts with an existing certificate from a different issuer.`,
    )
  }
  issuers.set(subject, issuer)
}

function listsIn(uri: string, text: string): readonly string[] {
  checkSize(uri, text)
  const lists = text.match(LIST) ?? []
  if (lists.length === 0) throw new TruststoreError(`${uri} holds no revocation list in PEM`)
  try {
    for (const crl of lists) createSecureContext({ crl })
  } catch {
    throw new TruststoreError(`${uri} holds a revocation list that cannot be parsed`)
  }
  return lists
}

function versionOf(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part.replace(/\s+/g, '')).update('\n')
  return hash.digest('hex').slice(0, 32)
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ')
}
