/** What workers have seen of the targets of load balancers, as the control plane asks for it. Names of Elastic Load Balancing. */

export interface SeenTarget {
  readonly host: string
  readonly port: number
  readonly state: 'unused' | 'initial' | 'healthy' | 'unhealthy' | 'unchecked'
  /** `Target.Timeout`; '': there is nothing to say. */
  readonly reason: string
  /** The status that the last check saw; 0: none. */
  readonly seenStatus: number
  /** Left out for a while because calls of clients failed. */
  readonly ejected: boolean
}

/** Of one group, by its ARN; undefined: nobody balances over it. */
export type TargetHealthReader = (targetGroupArn: string) => readonly SeenTarget[] | undefined
