/**
 * The internal load balancer, by the ordinary SDK of Elastic Load Balancing: a listener, and behind it the ingresses of the
 * mesh as one group. Only ingresses that answer their health check get calls.
 */

import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Endpoint, Target } from './facts.ts'

export interface Behind {
  readonly ingresses: readonly Target[]
  /** The name that the certificate of each has to carry. */
  readonly serverName: string
}

/** Resolves to the listener's ARN, which is where an integration leads. */
export async function makeLoadBalancer(
  endpoint: Endpoint,
  { ingresses, serverName }: Behind,
): Promise<string> {
  const balancing = new ElasticLoadBalancingV2Client(endpoint)
  const group = await balancing.send(
    new CreateTargetGroupCommand({
      ...{
        Name: 'ingresses',
        Protocol: 'HTTPS',
        Port: 8443,
        TargetType: 'ip',
        VpcId: 'vpc-0a1b2c3d',
      },
      ...{ HealthCheckPath: '/healthz/ready', HealthCheckIntervalSeconds: 5 },
      ...{ HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2, UnhealthyThresholdCount: 2 },
    }),
  )
  const TargetGroupArn = group.TargetGroups![0]!.TargetGroupArn!
  await balancing.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn,
      Attributes: [
        { Key: 'postern.server_name_to_verify', Value: serverName },
        { Key: 'postern.outlier_detection.consecutive_5xx', Value: '5' },
      ],
    }),
  )
  const Targets = ingresses.map(({ host, port }) => ({ Id: host, Port: port }))
  await balancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }))
  const balancer = await balancing.send(
    new CreateLoadBalancerCommand({
      ...{ Name: 'inside', Scheme: 'internal', Type: 'application' },
      Subnets: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'],
    }),
  )
  const listener = await balancing.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer.LoadBalancers![0]!.LoadBalancerArn!,
      ...{ Protocol: 'HTTP', Port: 80 },
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  )
  return listener.Listeners![0]!.ListenerArn!
}
