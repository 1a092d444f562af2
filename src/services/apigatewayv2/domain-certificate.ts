/**
 * The certificate that a domain name shows: one that the call names, or, for a name below localhost, one that the local
 * authority signs for it.
 */

import type { DomainNameConfiguration } from '@aws-sdk/client-apigatewayv2'
import type { DecideContext, WriteContext } from '../service.ts'
import { isLocalName } from './domain-name-rules.ts'

type Configurations = readonly DomainNameConfiguration[] | undefined

/** What is left to do in the write: the configurations of a new domain name, with its certificate. */
export async function withCertificate(
  { settings, ...context }: DecideContext,
  name: string,
  configurations: Configurations,
): Promise<(writing: WriteContext) => Promise<Configurations>> {
  const [first, ...others] = configurations ?? []
  const { requestLocalCertificate } = settings
  const names = first?.CertificateArn !== undefined || !isLocalName(name)
  if (first === undefined || names || requestLocalCertificate === undefined) {
    return async () => configurations
  }
  const issue = await requestLocalCertificate(name, { settings, ...context })
  return async (writing) => [{ ...first, CertificateArn: await issue(writing) }, ...others]
}
