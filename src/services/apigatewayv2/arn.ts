/**
 * ARNs of API Gateway's own resources: `arn:aws:apigateway:eu-central-1::/apis/a1b2c3d4e5/stages/test`.
 *
 * They carry no account, because ids are unique within a region.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { RecordKey, Scope } from '../../storage/store.ts'

const ARN = /^arn:([a-z-]+):apigateway:([a-z0-9-]+):(\d*):(\/.+)$/

/** Path → key of the record; the first group is the parent where there are two. */
const RESOURCES: readonly { path: RegExp; key: (first: string, second: string) => RecordKey }[] = [
  { path: /^\/apis\/([^/]+)$/, key: (id) => ({ kind: 'api', parent: '', id }) },
  {
    path: /^\/apis\/([^/]+)\/stages\/([^/]+)$/,
    key: (parent, id) => ({ kind: 'stage', parent, id }),
  },
  { path: /^\/domainnames\/([^/]+)$/, key: (id) => ({ kind: 'domain-name', parent: '', id }) },
  { path: /^\/vpclinks\/([^/]+)$/, key: (id) => ({ kind: 'vpc-link', parent: '', id }) },
]

/** `aws`, or the partition that regions of this name belong to. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** ARN of a resource of this scope; `path` with a leading slash: `/apis/a1b2c3d4e5`. */
export function arnOf({ region }: Scope, path: string): string {
  return `arn:${partitionOf(region)}:apigateway:${region}::${path}`
}

/** Key of the record that an ARN stands for. Throws when the ARN is none, or is one of another region. */
export function keyOfArn(scope: Scope, arn: string): RecordKey {
  const [, partition, region, account, path = ''] = ARN.exec(arn) ?? []
  if (partition === undefined) throw invalid(arn, 'It is not the ARN of an API Gateway resource')
  if (partition !== partitionOf(scope.region) || region !== scope.region) {
    throw invalid(arn, `This call is for resources in ${scope.region}`)
  }
  if (account !== '') throw invalid(arn, 'ARNs of API Gateway name no account')
  for (const { path: pattern, key } of RESOURCES) {
    const [found, first = '', second = ''] = pattern.exec(path) ?? []
    if (found !== undefined) return key(first, second)
  }
  throw invalid(
    arn,
    'Tags are on /apis/{id}, /apis/{id}/stages/{name}, /domainnames/{name}, /vpclinks/{id}',
  )
}

function invalid(arn: string, reason: string): ServiceError {
  return new ServiceError(
    'BadRequestException',
    `Invalid ARN specified in the request: ${arn}. ${reason}`,
  )
}
