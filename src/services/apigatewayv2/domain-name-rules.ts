/**
 * What a custom domain name of an HTTP API may be: the name, its one configuration, its trust store.
 *
 * What API Gateway's second API refuses is refused in its words; what neither of the two can serve (a name that belongs
 * to the APIs' own addresses) is refused too.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-custom-domain-names.html
 */

import type {
  DomainNameConfiguration,
  MutualTlsAuthentication,
  MutualTlsAuthenticationInput,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { isLocalName } from '../../certificates/server-names.ts'
import { partitionOf } from './arn.ts'
import { mergePatch } from './merge-patch.ts'

const NAME_CHARACTERS_MAX = 253
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** Names below it stand for APIs by their ids. */
const OWN_ADDRESS = /(?:^|\.)execute-api\./
const CERTIFICATE =
  /^arn:([a-z-]+):acm:([a-z0-9-]+):\d{12}:certificate\/[A-Za-z0-9](?:[A-Za-z0-9_-]{0,126}[A-Za-z0-9])?$/
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const TRUSTSTORE = /^(?:s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/|file:\/\/\/)\S{1,1024}$/
/** That of both APIs, and those that the first has besides. */
const POLICY = /^(?:TLS_1_2|SecurityPolicy_TLS13_\w+(?<!_EDGE))$/

const EDGE =
  'Only REGIONAL domain names can be managed through the API Gateway V2 API. For EDGE domain names, please use ' +
  'the API Gateway V1 API. Also note that only REST APIs can be attached to EDGE domain names.'
const OLD_TLS =
  'Only REGIONAL domain names with a security policy of TLS 1.2 can be managed through the API Gateway V2 API. ' +
  'For TLS 1.0 domain names, please use the API Gateway V1 API to upgrade your security policy to TLS 1.2. ' +
  'Currently, only REST APIs can be attached to a domain name with a security policy of TLS 1.0.'

/** Throws unless it is a host name in lower case, or a wildcard for one label below such a name. */
export function checkDomainName(name: string): void {
  const host = name.startsWith('*.') ? name.slice(2) : name
  const labels = host.split('.')
  if (name !== name.toLowerCase()) throw invalidName(name, 'It must be in lower case')
  if (name.length > NAME_CHARACTERS_MAX || !labels.every((label) => LABEL.test(label))) {
    const rule = 'It must be a host name, or *. and a host name, of letters, digits and hyphens'
    throw invalidName(name, rule)
  }
  if (labels.length < 2) throw invalidName(name, 'It must have at least two labels')
  if (/^\d+$/.test(labels.at(-1)!)) throw invalidName(name, 'An IP address is no domain name')
  if (OWN_ADDRESS.test(name)) {
    throw invalidName(name, 'Names below execute-api are the own addresses of APIs')
  }
}

function invalidName(name: string, rule: string): ServiceError {
  return badRequest(`Invalid domain name specified: ${name.slice(0, NAME_CHARACTERS_MAX)}. ${rule}`)
}

export interface DomainPlace {
  readonly region: string
  readonly domainName: string
}

/** The one configuration of a call, put over the one that the domain name has. */
export function mergedConfiguration(
  current: DomainNameConfiguration,
  given: readonly DomainNameConfiguration[] | undefined,
  place: DomainPlace,
): DomainNameConfiguration {
  const [patch] = given ?? []
  if (patch === undefined || given!.length > 1) {
    throw badRequest('Exactly one domain name configuration is required (domainNameConfigurations)')
  }
  const merged = mergePatch(current, writableMembers(patch))
  checkConfiguration(merged, place)
  return merged
}

export const DEFAULT_CONFIGURATION: DomainNameConfiguration = {
  EndpointType: 'REGIONAL',
  SecurityPolicy: 'TLS_1_2',
  IpAddressType: 'ipv4',
}

/** The others are answers: a client that sends back what it has read changes nothing by them. */
function writableMembers(patch: DomainNameConfiguration): DomainNameConfiguration {
  return {
    CertificateArn: patch.CertificateArn,
    CertificateName: patch.CertificateName,
    EndpointType: patch.EndpointType,
    SecurityPolicy: patch.SecurityPolicy,
    IpAddressType: patch.IpAddressType,
    OwnershipVerificationCertificateArn: patch.OwnershipVerificationCertificateArn,
  }
}

function checkConfiguration(
  configuration: DomainNameConfiguration,
  { region, domainName }: DomainPlace,
): void {
  const { CertificateArn, OwnershipVerificationCertificateArn } = configuration
  if (configuration.EndpointType !== 'REGIONAL') throw badRequest(EDGE)
  if (!POLICY.test(configuration.SecurityPolicy ?? '')) throw badRequest(OLD_TLS)
  if (CertificateArn === undefined && !isLocalName(domainName)) {
    throw badRequest('A certificate is required (certificateArn of domainNameConfigurations)')
  }
  if (CertificateArn !== undefined) checkCertificate('certificateArn', CertificateArn, region)
  if (OwnershipVerificationCertificateArn !== undefined) {
    const member = 'ownershipVerificationCertificateArn'
    checkCertificate(member, OwnershipVerificationCertificateArn, region)
  }
}

function checkCertificate(member: string, arn: string, region: string): void {
  const [, partition, itsRegion] = CERTIFICATE.exec(arn) ?? []
  if (partition === undefined) {
    const form = `arn:${partitionOf(region)}:acm:${region}:<account id>:certificate/<id>`
    throw badRequest(`Invalid certificate ARN specified (${member}): ${arn}. Its form is ${form}`)
  }
  if (itsRegion === region && partition === partitionOf(region)) return
  throw badRequest(
    `The certificate of a regional domain name must be in the same region, ${region} (${member}): ${arn}`,
  )
}

/** The trust store of a call, put over the one before; undefined: clients show no certificate. */
export function mergedMutualTls(
  current: MutualTlsAuthentication | undefined,
  patch: MutualTlsAuthenticationInput | undefined,
): MutualTlsAuthentication | undefined {
  if (patch === undefined) return current
  const merged = mergePatch<MutualTlsAuthentication>(current ?? {}, patch)
  const { TruststoreUri, TruststoreVersion } = merged
  if (TruststoreUri === undefined) {
    if (TruststoreVersion === undefined || patch.TruststoreUri === '') return undefined
    throw badRequest('truststoreVersion is a version of truststoreUri, which is missing')
  }
  if (TRUSTSTORE.test(TruststoreUri)) return merged
  throw badRequest(
    `Invalid truststore URI specified: ${TruststoreUri}. Its form is s3://<bucket>/<key>, or file:///<folder>/<name>`,
  )
}

function badRequest(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
