/** Certificates as a listener could show them, under ARNs of tests. */

import { CERTIFICATE } from '../../certificates/certificate-record.ts'
import type { ServiceCalls } from '../service-calls.fake.ts'

export async function putCertificates(
  calls: ServiceCalls,
  names: readonly string[],
  ...arns: readonly string[]
): Promise<void> {
  await calls.write(async ({ records }) => {
    for (const CertificateArn of arns) {
      const id = CertificateArn.split('/').at(-1)!
      const issued = { notAfter: '2099-01-01T00:00:00.000Z' }
      const body = { CertificateArn, SubjectAlternativeNames: names, Status: 'ISSUED', issued }
      await records.put({ kind: CERTIFICATE, parent: '', id }, body)
    }
  })
}
