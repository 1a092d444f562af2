/**
 * The certificate of a domain name below `localhost` that is made without one: signed by the local authority, at once,
 * and renewed like any other. Whoever makes the name again gets the same certificate.
 */

import type { DecideContext, ServiceSettings } from '../service.ts'
import { Refused } from '../service.ts'
import type { AcmParts } from './acm-parts.ts'
import { allCertificates } from './found.ts'
import { requestOperations } from './request-certificate.ts'

type Request = NonNullable<ServiceSettings['requestLocalCertificate']>

export function localNameCertificates(parts: AcmParts): Request {
  const { RequestCertificate } = requestOperations(parts)
  return async (DomainName, context) => {
    const before = await existing(DomainName, context)
    if (before !== undefined) return async () => before
    const { run } = RequestCertificate as Extract<typeof RequestCertificate, { kind: 'decide' }>
    const decision = await run({ DomainName, KeyAlgorithm: 'EC_prime256v1' }, context)
    return async (writing) => {
      const answer = 'answer' in decision ? decision.answer : await decision.commit(writing)
      if (answer instanceof Refused) throw answer.error
      return answer.CertificateArn!
    }
  }
}

async function existing(name: string, { read, now }: DecideContext): Promise<string | undefined> {
  const all = await read(({ records }) => allCertificates(records))
  const found = all.find(
    ({ issuer, issued, SubjectAlternativeNames }) =>
      issuer === 'local' &&
      SubjectAlternativeNames.join() === name &&
      issued !== undefined &&
      Date.parse(issued.notAfter) > now.getTime(),
  )
  return found?.CertificateArn
}
