/** Members of a domain name that the first API has and the second names otherwise, or has not at all. */

import type { CreateDomainNameRequest } from '@aws-sdk/client-api-gateway'
import type { DomainNameConfiguration, RoutingMode } from '@aws-sdk/client-apigatewayv2'
import { refuseDomainNameId } from '../apigatewayv2/domain-name-records.ts'
import { invalid } from './patch.ts'

export const ONLY_REGIONAL =
  'Only REGIONAL domain names are served: name endpointConfiguration.types REGIONAL and regionalCertificateArn'
export const ONLY_ARN =
  'Certificates are not uploaded with a domain name: import the certificate (acm import-certificate) and name its ARN'
export const NO_POLICY =
  'policy and managementPolicy belong to private domain names, which are not supported'

/** Throws for what belongs to domain names at the edge, in private networks, or with certificates of their own. */
export function refuseOthers(request: CreateDomainNameRequest & { domainNameId?: string }): void {
  const { certificateBody, certificatePrivateKey, certificateChain, endpointConfiguration } =
    request
  const uploads = [certificateBody, certificatePrivateKey, certificateChain]
  if (uploads.some((member) => member !== undefined)) throw invalid(ONLY_ARN)
  if (request.certificateArn !== undefined || request.certificateName !== undefined) {
    throw invalid(ONLY_REGIONAL)
  }
  const { types = ['REGIONAL'], vpcEndpointIds = [] } = endpointConfiguration ?? {}
  if (types.join() !== 'REGIONAL' || vpcEndpointIds.length > 0) throw invalid(ONLY_REGIONAL)
  if (request.policy !== undefined) throw invalid(NO_POLICY)
  refuseDomainNameId(request.domainNameId)
}

export function configurationOf(request: CreateDomainNameRequest): DomainNameConfiguration {
  return {
    CertificateArn: request.regionalCertificateArn,
    CertificateName: request.regionalCertificateName,
    EndpointType: 'REGIONAL',
    SecurityPolicy: policyOfSecond(request.securityPolicy),
    IpAddressType: request.endpointConfiguration?.ipAddressType,
    OwnershipVerificationCertificateArn: request.ownershipVerificationCertificateArn,
  }
}

/** The second API's type knows two of them. */
export function policyOfSecond(
  policy: string | undefined,
): DomainNameConfiguration['SecurityPolicy'] {
  return policy as DomainNameConfiguration['SecurityPolicy']
}

/** `BASE_PATH_MAPPING_ONLY` is `API_MAPPING_ONLY`. */
export function modeOfSecond(mode: string | undefined): RoutingMode | undefined {
  return mode?.replace('BASE_PATH_MAPPING', 'API_MAPPING') as RoutingMode | undefined
}
