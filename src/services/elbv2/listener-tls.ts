/**
 * What a listener says about TLS: kept and shown. The handshake of clients is the gateway's, by its domain names.
 *
 * So a certificate has to be one of the certificate store, and client certificates are not asked for here.
 */

import type { CreateListenerInput, Listener } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceError } from '../../aws/service-error.ts'
import type { ReadContext } from '../service.ts'
import { invalid, notSupported } from './errors.ts'
import { SSL_POLICIES } from './ssl-policies.ts'

/** The default of AWS for listeners that are made by its API. */
const DEFAULT_POLICY = 'ELBSecurityPolicy-2016-08'

type TlsInput = Pick<
  CreateListenerInput,
  'Certificates' | 'SslPolicy' | 'AlpnPolicy' | 'MutualAuthentication'
>

export async function tlsPartOf(
  { Certificates, SslPolicy, AlpnPolicy, MutualAuthentication }: TlsInput,
  protocol: string,
  context: ReadContext,
): Promise<Pick<Listener, 'Certificates' | 'SslPolicy' | 'MutualAuthentication'>> {
  const mode = MutualAuthentication?.Mode
  if (mode !== undefined && mode !== 'off') {
    throw notSupported(
      `MutualAuthentication with the mode '${mode.slice(0, 20)}'; a domain name asks clients for certificates, and`,
    )
  }
  if (AlpnPolicy?.length && AlpnPolicy[0] !== 'None') throw notSupported('AlpnPolicy')
  if (protocol !== 'HTTPS' && protocol !== 'TLS') {
    if (!Certificates?.length && SslPolicy === undefined) return {}
    throw invalid(`A certificate or an SSL policy cannot be specified for ${protocol} listeners`)
  }
  const [certificate, ...more] = Certificates ?? []
  if (certificate?.CertificateArn === undefined) {
    throw invalid(`A certificate must be specified for ${protocol} listeners`)
  }
  if (more.length > 0) throw invalid('Exactly one certificate must be specified as the default')
  await refuseUnknownCertificate(certificate.CertificateArn, context)
  const policy = SslPolicy ?? DEFAULT_POLICY
  if (!SSL_POLICIES.some(({ Name }) => Name === policy)) {
    throw new ServiceError(
      'SSLPolicyNotFoundException',
      `SSL policy '${policy.slice(0, 100)}' not found`,
    )
  }
  return {
    Certificates: [{ CertificateArn: certificate.CertificateArn }],
    SslPolicy: policy,
    ...(protocol === 'HTTPS' ? { MutualAuthentication: { Mode: 'off' } } : {}),
  }
}

/** Throws CertificateNotFound. */
export async function refuseUnknownCertificate(
  arn: string,
  { records, scope }: ReadContext,
): Promise<void> {
  const start = `arn:aws:acm:${scope.region}:${scope.accountId}:certificate/`
  const id = arn.startsWith(start) ? arn.slice(start.length) : ''
  const found = id !== '' && (await records.get({ kind: 'certificate', parent: '', id }))
  if (found) return
  throw new ServiceError(
    'CertificateNotFoundException',
    `Certificate ARN '${arn.slice(0, 200)}' is not found`,
  )
}
