/** What operations on certificates need besides their records, and how an authority of this installation issues one. */

import type { KeyPair } from '../../certificates/certificate.ts'
import type { CertificateRecord } from '../../certificates/certificate-record.ts'
import { completeCertificate } from '../../certificates/complete-certificate.ts'
import { issueCertificate } from '../../certificates/issue-certificate.ts'
import type { PrivateAuthority } from '../../certificates/private-authority.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import type { DecideContext, WriteContext } from '../service.ts'

/** What own authorities sign with. */
export interface SigningParts {
  readonly openSealer: OpenSealer
  /** Signs for names under `localhost`. */
  readonly localAuthority: () => Promise<KeyPair>
  /** Signs for any name. */
  readonly privateAuthority: PrivateAuthority
}

export interface AcmParts extends SigningParts {
  /** Why a public authority cannot be asked for these names; undefined: it can. */
  readonly publicRefusal: (names: readonly string[]) => string | undefined
}

type Wish = Pick<CertificateRecord, 'issuer' | 'SubjectAlternativeNames' | 'KeyAlgorithm'>

/** What is left to do in the write that keeps the record. */
export type Issuance = (context: WriteContext, arn: string) => Promise<unknown>

/** Signs now, and writes later. */
export async function issueNow(
  { openSealer, localAuthority, privateAuthority }: SigningParts,
  { issuer, SubjectAlternativeNames: names, KeyAlgorithm: keyAlgorithm }: Wish,
  { read, now }: Pick<DecideContext, 'read' | 'now'>,
): Promise<Issuance> {
  const authority =
    issuer === 'local'
      ? await localAuthority()
      : await read(({ installation }) => privateAuthority.current(installation, now))
  const { chain, privateKey } = await issueCertificate(authority, { names, keyAlgorithm, now })
  return async ({ records, installation }, arn) => {
    if (issuer === 'private') await privateAuthority.keep(installation, authority)
    return completeCertificate({ records, openSealer, now }, { arn, chain, privateKey })
  }
}
