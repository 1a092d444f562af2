/**
 * What an UpdateDomainName of the first API changes.
 *
 * https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html (UpdateDomainName)
 */

import type { PatchOperation } from '@aws-sdk/client-api-gateway'
import type {
  DomainNameConfiguration,
  MutualTlsAuthenticationInput,
} from '@aws-sdk/client-apigatewayv2'
import type { DomainNameChange } from '../apigatewayv2/domain-name-records.ts'
import { modeOfSecond, NO_POLICY, ONLY_REGIONAL, policyOfSecond } from './domain-name-members.ts'
import { applyPatch, invalid, type PatchRule } from './patch.ts'

/** Members that no operation names stay undefined: as they are. */
interface Patched {
  readonly configuration?: DomainNameConfiguration
  readonly mutualTls?: MutualTlsAuthenticationInput
  readonly routingMode?: DomainNameChange['routingMode']
  readonly endpointAccessMode?: DomainNameChange['endpointAccessMode']
}

export function patchedDomainName(
  operations: readonly PatchOperation[] | undefined,
): Omit<DomainNameChange, 'trust'> & Pick<Patched, 'mutualTls'> {
  const { configuration, ...rest } = applyPatch<Patched>({}, operations, RULES)
  return configuration === undefined ? rest : { ...rest, configurations: [configuration] }
}

const MODES = ['BASE_PATH_MAPPING_ONLY', 'ROUTING_RULE_ONLY', 'ROUTING_RULE_THEN_BASE_PATH_MAPPING']

const RULES: readonly PatchRule<Patched>[] = [
  configured('/regionalCertificateArn', (CertificateArn) => ({ CertificateArn })),
  configured('/regionalCertificateName', (CertificateName) => ({ CertificateName })),
  configured('/securityPolicy', (policy) => ({ SecurityPolicy: policyOfSecond(policy)! })),
  configured('/ownershipVerificationCertificateArn', (arn) => ({
    OwnershipVerificationCertificateArn: arn,
  })),
  configured('/endpointConfiguration/ipAddressType', (value) => ({
    IpAddressType: oneOf(value, ['ipv4', 'dualstack']),
  })),
  {
    path: '/endpointConfiguration/types/*',
    replace: (patched, value) => regional(patched, value),
    add: (patched, value) => regional(patched, value),
  },
  trusted('/mutualTlsAuthentication/truststoreUri', (TruststoreUri) => ({ TruststoreUri })),
  trusted('/mutualTlsAuthentication/truststoreVersion', (version) => ({
    TruststoreVersion: version,
  })),
  {
    path: '/routingMode',
    replace: (patched, value) => ({ ...patched, routingMode: modeOfSecond(oneOf(value, MODES)) }),
  },
  {
    path: '/endpointAccessMode',
    replace: (patched, value) => ({
      ...patched,
      endpointAccessMode: oneOf(value, ['BASIC', 'STRICT']),
    }),
  },
  refusing('/certificateArn', ONLY_REGIONAL),
  refusing('/certificateName', ONLY_REGIONAL),
  refusing('/policy', NO_POLICY),
  refusing('/managementPolicy', NO_POLICY),
]

function configured(
  path: string,
  change: (value: string) => DomainNameConfiguration,
): PatchRule<Patched> {
  return {
    path,
    replace: (patched, value) => ({
      ...patched,
      configuration: { ...patched.configuration, ...change(value) },
    }),
  }
}

function trusted(
  path: string,
  change: (value: string) => MutualTlsAuthenticationInput,
): PatchRule<Patched> {
  return {
    path,
    replace: (patched, value) => ({
      ...patched,
      mutualTls: { ...patched.mutualTls, ...change(value) },
    }),
  }
}

function refusing(path: string, why: string): PatchRule<Patched> {
  return {
    path,
    replace: () => {
      throw invalid(why)
    },
  }
}

function regional(patched: Patched, value: string): Patched {
  if (value !== 'REGIONAL') throw invalid(ONLY_REGIONAL)
  return patched
}

function oneOf<const T extends string>(value: string, values: readonly T[]): T {
  const found = values.find((each) => each === value)
  if (found !== undefined) return found
  throw invalid(`Invalid value specified: ${value}. It must be one of ${values.join(', ')}`)
}
