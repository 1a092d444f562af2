/** Lengths and ranges of Cloud Map's members. https://docs.aws.amazon.com/cloud-map/latest/api/API_Operations.html */

import type { Constraints } from '../../aws/constraints.ts'
import type { Constraint } from '../../aws/service-model.ts'

const CreatorRequestId: Constraint = { length: [0, 64] }
const Description: Constraint = { length: [0, 1_024] }
const MaxResults: Constraint = { range: [1, 100], integer: true }
const MostResults: Constraint = { range: [1, 1_000], integer: true }
const name: Constraint = { length: [1, 1_024], pattern: '[!-~]{1,1024}' }
const serviceName: Constraint = { length: [1, 127], pattern: '[A-Za-z0-9_.-]+' }
const InstanceId: Constraint = { length: [1, 64], pattern: '[0-9a-zA-Z_/:.@-]+' }

export const CONSTRAINTS: Constraints = {
  CreateHttpNamespaceRequest: { Name: name, CreatorRequestId, Description },
  CreatePrivateDnsNamespaceRequest: {
    Name: { length: [1, 253] },
    Vpc: { length: [1, 64] },
    CreatorRequestId,
    Description,
  },
  ListNamespacesRequest: { MaxResults },
  CreateServiceRequest: { Name: serviceName, CreatorRequestId, Description },
  ListServicesRequest: { MaxResults },
  RegisterInstanceRequest: { InstanceId, CreatorRequestId },
  ListInstancesRequest: { MaxResults },
  GetInstancesHealthStatusRequest: { MaxResults, Instances: { length: [1, 100] } },
  ListOperationsRequest: { MaxResults },
  DiscoverInstancesRequest: { MaxResults: MostResults },
  DnsRecord: { TTL: { range: [0, 2_147_483_647], integer: true } },
  SOA: { TTL: { range: [0, 2_147_483_647], integer: true } },
  Tag: { Key: { length: [1, 128] }, Value: { length: [0, 256] } },
}
