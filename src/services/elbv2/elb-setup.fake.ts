/** A service of Elastic Load Balancing with its official client, and what most tests of it begin with. */

import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import { sdkSettings } from '../sdk-calls.fake.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { elbv2Service } from './elbv2.ts'

type Client = Pick<elb.ElasticLoadBalancingV2Client, 'send'>

export class ElbSetup {
  readonly calls = new ServiceCalls()
  readonly client = new elb.ElasticLoadBalancingV2Client(sdkSettings(elbv2Service(), this.calls))
  readonly send = this.client.send.bind(this.client) as Client['send']

  /** Resolves to its ARN. */
  async balancer(Name = 'web', more: Partial<elb.CreateLoadBalancerInput> = {}): Promise<string> {
    const command = new elb.CreateLoadBalancerCommand({ Name, Scheme: 'internal', ...more })
    return (await this.send(command)).LoadBalancers![0]!.LoadBalancerArn!
  }

  async group(Name = 'blue', more: Partial<elb.CreateTargetGroupInput> = {}): Promise<string> {
    const given = { Name, Protocol: 'HTTP', Port: 8080, TargetType: 'ip', ...more } as const
    const { TargetGroups } = await this.send(new elb.CreateTargetGroupCommand(given))
    return TargetGroups![0]!.TargetGroupArn!
  }

  async listener(
    LoadBalancerArn: string,
    action: elb.Action,
    more: Partial<elb.CreateListenerInput> = {},
  ): Promise<string> {
    const given = { LoadBalancerArn, Port: 80, DefaultActions: [action] }
    const { Listeners } = await this.send(
      new elb.CreateListenerCommand({ Protocol: 'HTTP', ...given, ...more }),
    )
    return Listeners![0]!.ListenerArn!
  }

  async rule(
    ListenerArn: string,
    Priority: number,
    more: Partial<elb.CreateRuleInput> = {},
  ): Promise<string> {
    const given = { ListenerArn, Priority, Conditions: [TO_API], Actions: [TEAPOT], ...more }
    return (await this.send(new elb.CreateRuleCommand(given))).Rules![0]!.RuleArn!
  }
}

export const TO_API: elb.RuleCondition = { Field: 'path-pattern', Values: ['/api/*'] }
export const TEAPOT: elb.Action = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '418', ContentType: 'text/plain', MessageBody: 'short' },
}

export function forwardTo(TargetGroupArn: string): elb.Action {
  return { Type: 'forward', TargetGroupArn }
}
