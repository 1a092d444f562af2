/** Words of X.509 that every certificate made here is written with (RFC 5280): object identifiers, tags, bits. */

import { bitString } from './der.ts'

export const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  clientAuthentication: '1.3.6.1.5.5.7.3.2',
} as const

/** Tag of a DNS name among GeneralNames (RFC 5280 §4.2.1.6). */
export const DNS_NAME = 0x82
/** A BOOLEAN, whole. */
export const TRUE = Buffer.from([0x01, 0x01, 0xff])
/** Bit of KeyUsage, most significant first, with the bits of the byte that do not count. */
export const DIGITAL_SIGNATURE = bitString(Buffer.from([0x80]), 7)
