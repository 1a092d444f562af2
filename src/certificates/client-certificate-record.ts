/** A certificate that the gateway shows to origins, as it is kept: no parent, its own id. The key is sealed for it. */

import type { SealPlace } from '../identity/installation-key.ts'
import type { Scope } from '../storage/store.ts'

export const CLIENT_CERTIFICATE = 'client-certificate'

/** Times are ISO 8601. */
export interface ClientCertificateRecord {
  readonly clientCertificateId: string
  readonly description?: string
  /** PEM. */
  readonly pemEncodedCertificate: string
  readonly createdDate: string
  readonly expirationDate: string
  readonly sealedKey: string
  readonly tags?: Readonly<Record<string, string>>
}

export function clientKeyPlace({ accountId, region }: Scope, id: string): SealPlace {
  return { purpose: 'certificate-key', of: `${accountId}/${region}/client-certificate/${id}` }
}
