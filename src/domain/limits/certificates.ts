/** Limits of certificates, of ACME and OCSP, and of truststores. Rows of the table in `domain/limits.ts`. */

import type { LimitRows } from './limit.ts'

export const CERTIFICATE_LIMITS = {
  certificatesPerAccount: {
    unit: 'count',
    aws: 2_500,
    extended: 100_000,
    beyond: 'LimitExceededException',
    description: 'Certificates in one account and region (AWS: 2 500).',
  },
  namesPerCertificate: {
    unit: 'count',
    aws: 10,
    extended: 100,
    beyond: 'LimitExceededException',
    description: 'Names in a certificate that is asked for (AWS: 10).',
  },
  truststoreTimeoutMs: {
    unit: 'ms',
    aws: 5_000,
    extended: 5_000,
    beyond: 'the domain name is not created or updated',
    description: 'To read one truststore, or one revocation list, from the object store.',
  },
  acmeRequestTimeoutMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 30_000,
    beyond: 'the order ends and is tried again later',
    description: 'For one answer of an ACME server, from name look-up to the last byte.',
  },
  acmeAnswerBytes: {
    unit: 'bytes',
    aws: 262_144,
    extended: 262_144,
    beyond: 'the order ends and is tried again later',
    description: 'One answer of an ACME server.',
  },
  acmeOrderTimeoutMs: {
    unit: 'ms',
    aws: 300_000,
    extended: 300_000,
    beyond: 'the order ends and is tried again later',
    description: 'For one order, from its beginning to the certificate.',
  },
  acmeLeaseMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 30_000,
    beyond: 'another program on the same store may order',
    description: 'How long a program that orders holds the store without renewing its lease.',
  },
  acmeRetryFirstMs: {
    unit: 'ms',
    aws: 60_000,
    extended: 60_000,
    beyond: 'the order is tried again, later each time',
    description:
      'After an order that failed; ten times as long where the authority did not see the challenge or has had enough.',
  },
  acmeRetryMaxMs: {
    unit: 'ms',
    aws: 21_600_000,
    extended: 21_600_000,
    beyond: 'the order is tried again',
    description: 'The longest time between two tries, unless the ACME server asks for more.',
  },
  acmeValidationMs: {
    unit: 'ms',
    aws: 259_200_000,
    extended: 259_200_000,
    beyond: 'the certificate is VALIDATION_TIMED_OUT',
    description: 'From the request of a certificate to its issue (ACM: 72 hours).',
  },
  ocspTimeoutMs: {
    unit: 'ms',
    aws: 15_000,
    extended: 15_000,
    beyond: 'the responder is asked again later; nothing new is stapled',
    description: 'For one answer of an OCSP responder.',
  },
  ocspResponseBytes: {
    unit: 'bytes',
    aws: 16_384,
    extended: 16_384,
    beyond: 'nothing is stapled',
    description: 'One answer of an OCSP responder; it goes with every handshake.',
  },
} as const satisfies LimitRows
