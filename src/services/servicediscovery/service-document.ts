/**
 * From the services of Cloud Map to what workers balance by: the ARN of a service is a listener that forwards to the
 * service's instances.
 */

import type { BalancingListener } from '../../domain/balancing.ts'
import type { Target, TargetGroup } from '../../domain/target-group.ts'
import type { Reader } from '../../storage/store.ts'
import { usable } from './discover.ts'
import { listAll } from './found.ts'
import { INSTANCE, SERVICE } from './kinds.ts'
import { PROTOCOL } from './map-service.ts'
import type { InstanceRecord, ServiceRecord } from './records.ts'

export interface ServiceDocuments {
  readonly listeners: Readonly<Record<string, BalancingListener>>
  readonly targetGroups: Readonly<Record<string, TargetGroup>>
}

export async function serviceDocumentsOf(reader: Reader): Promise<ServiceDocuments> {
  const listeners: Record<string, BalancingListener> = {}
  const targetGroups: Record<string, TargetGroup> = {}
  for (const { scope, body } of await reader.everywhere<ServiceRecord>(SERVICE)) {
    const records = reader.in(scope)
    const instances = await listAll<InstanceRecord>({ records }, INSTANCE, body.Id)
    listeners[body.Arn] = listenerOf(body)
    targetGroups[body.Arn] = groupOf(body, instances)
  }
  return { listeners, targetGroups }
}

function listenerOf({ Arn: arn }: ServiceRecord): BalancingListener {
  const action = { type: 'forward', targetGroups: [{ arn, weight: 1 }] } as const
  return { arn, port: 80, protocol: 'HTTP', rules: [{ arn, conditions: [], action }] }
}

/** Nobody checks instances but their service itself, by what it says of their health. */
function groupOf(
  { Arn, Name, attributes }: ServiceRecord,
  instances: readonly InstanceRecord[],
): TargetGroup {
  return {
    arn: Arn,
    name: Name,
    protocol: attributes[PROTOCOL] === 'HTTPS' ? 'HTTPS' : 'HTTP',
    algorithm: 'round_robin',
    targets: usable(instances).flatMap(targetOf),
    healthCheck: {
      enabled: false,
      protocol: 'HTTP',
      path: '/',
      intervalMs: 30_000,
      timeoutMs: 5_000,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
      matcher: '200',
    },
    outlierDetection: {
      consecutive5xx: 0,
      intervalMs: 10_000,
      baseEjectionMs: 30_000,
      ejectedShareMax: 0.1,
      successRateDeviations: 0,
    },
    slowStartMs: 0,
    deregistrationDelayMs: 0,
    panicThreshold: 0,
    retryBudget: 0.2,
  }
}

/** One without an address is known by name only. */
function targetOf({ Attributes }: InstanceRecord): Target[] {
  const { AWS_INSTANCE_IPV4, AWS_INSTANCE_IPV6, AWS_INSTANCE_CNAME } = Attributes
  const host = AWS_INSTANCE_IPV4 ?? AWS_INSTANCE_IPV6 ?? AWS_INSTANCE_CNAME
  const port = Number(Attributes['AWS_INSTANCE_PORT'] ?? 80)
  return host === undefined ? [] : [{ host, port, weight: 1, draining: false }]
}
