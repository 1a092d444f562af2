/**
 * The service `acm`: certificates that are imported, signed by the authorities of this installation, or asked for by ACME.
 * What it has not refuses, with the feature that is missing.
 *
 * Operations write records; `tls-document.ts` makes of them what listeners serve by, live in every worker when the call
 * returns.
 * https://docs.aws.amazon.com/acm/latest/APIReference/Welcome.html
 */

import type { ServiceModel } from '../../aws/service-model.ts'
import type { Service, UnsupportedOperation } from '../service.ts'
import type { AcmParts } from './acm-parts.ts'
import { certificateOperations } from './certificate.ts'
import { certificateTagOperations } from './certificate-tags.ts'
import { importOperations } from './import-certificate.ts'
import { listOperations } from './list-certificates.ts'
import { requestOperations } from './request-certificate.ts'

/** By the words in the name of an operation; the first that fits. */
const FEATURES: readonly (readonly [words: RegExp, feature: string])[] = [
  [/Acme/, 'being an ACME server for others'],
  [/ValidationEmail/, 'validation by e-mail: names are proved by ACME'],
  [/CertificateOptions|DomainValidations/, 'changing the options of a certificate'],
  [/AccountConfiguration/, 'events before expiry: see the metric of days and postern doctor'],
  [/Revoke/, 'revocation'],
  [/Search/, 'the search for certificates: ListCertificates has filters'],
]
const OTHER = 'the rest of ACM'

export function acmService(model: ServiceModel, parts: AcmParts): Service {
  const built = {
    ...certificateOperations(parts),
    ...certificateTagOperations,
    ...importOperations(parts),
    ...listOperations,
    ...requestOperations(parts),
  }
  const unsupported: Record<string, UnsupportedOperation> = {}
  for (const name of Object.keys(model.operations)) {
    if (Object.hasOwn(built, name)) continue
    const feature = FEATURES.find(([words]) => words.test(name))?.[1] ?? OTHER
    unsupported[name] = { kind: 'unsupported', feature }
  }
  return { model, operations: { ...built, ...unsupported } }
}
