/** What stands in an issued certificate, in ACM's words. */

import { X509Certificate } from 'node:crypto'
import { keyUsageBits } from '../../certificates/der-reader.ts'

/** RFC 5280 §4.2.1.3, in the order of its bits. */
const KEY_USAGES = [
  'DIGITAL_SIGNATURE',
  'NON_REPUDIATION',
  'KEY_ENCIPHERMENT',
  'DATA_ENCIPHERMENT',
  'KEY_AGREEMENT',
  'CERTIFICATE_SIGNING',
  'CRL_SIGNING',
  'ENCIPHER_ONLY',
  'DECIPHER_ONLY',
] as const
const EXTENDED: Readonly<Record<string, string>> = {
  '2.5.29.37.0': 'ANY',
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
}

export interface CertificateFacts {
  readonly Serial: string
  readonly Subject: string
  readonly Issuer: string
  readonly SignatureAlgorithm?: string
  readonly KeyUsages: readonly string[]
  readonly ExtendedKeyUsages: readonly { readonly Name: string; readonly OID: string }[]
}

export function factsOf(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem)
  const signature = signatureOf(certificate.signatureAlgorithm)
  const bits = keyUsageBits(certificate.raw)
  return {
    Serial: (certificate.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
    Subject: certificate.subject.replaceAll('\n', ','),
    Issuer: /(?:^|\n)CN=(.*)/.exec(certificate.issuer)?.[1] ?? certificate.issuer,
    ...(signature === undefined ? {} : { SignatureAlgorithm: signature }),
    KeyUsages: bits === undefined ? ['ANY'] : KEY_USAGES.filter((_, i) => bits[i]),
    ExtendedKeyUsages: (certificate.keyUsage ?? []).map((OID) => ({
      Name: EXTENDED[OID] ?? 'CUSTOM',
      OID,
    })),
  }
}

/** `ecdsa-with-SHA256` → `SHA256WITHECDSA` */
function signatureOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  const hash = /sha-?(\d+)/i.exec(name)?.[1]
  const kind = /ecdsa/i.test(name) ? 'ECDSA' : /rsa/i.test(name) ? 'RSA' : undefined
  return hash === undefined || kind === undefined ? name : `SHA${hash}WITH${kind}`
}
