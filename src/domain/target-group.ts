/** Groups of targets of a load balancer, with how their health is known. Plain data, part of the balancing document. */

export interface TargetGroup {
  readonly arn: string
  readonly name: string
  readonly protocol: 'HTTP' | 'HTTPS'
  readonly algorithm:
    | 'round_robin'
    | 'least_outstanding_requests'
    | 'weighted_random'
    | 'power_of_two_choices'
  readonly targets: readonly Target[]
  /** Others come by the order `targets`, from where the group's discovery has found them. */
  readonly discovery?: { readonly source: string; readonly holdMs: number }
  readonly healthCheck: HealthCheck
  readonly outlierDetection: OutlierDetection
  readonly slowStartMs: number
  readonly deregistrationDelayMs: number
  /** Undefined: no stickiness. */
  readonly stickiness?: {
    readonly cookieName: string
    readonly durationMs: number
    readonly generated: boolean
  }
  /** Below this share of healthy targets all are used, healthy or not; 0 to 1. */
  readonly panicThreshold: number
  /** Requests under way to one target; undefined: as many as its pool takes. */
  readonly targetConcurrencyMax?: number
  /** Repeated requests may be at most this share of all; 0: none is repeated. */
  readonly retryBudget: number
  /** Undefined: the host of the target. For targets that are reached over TLS. */
  readonly serverNameToVerify?: string
}

export interface Target {
  /** Host name or address. */
  readonly host: string
  readonly port: number
  readonly weight: number
  readonly availabilityZone?: string
  /** No new requests; those under way may end. */
  readonly draining: boolean
}

export interface HealthCheck {
  readonly enabled: boolean
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP'
  /** Undefined: the port of the target. */
  readonly port?: number
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
  /** Status codes that are healthy: `200,301-302`. */
  readonly matcher: string
}

/** Targets that fail calls of clients are left out for a while. */
export interface OutlierDetection {
  /** 0: off. */
  readonly consecutive5xx: number
  readonly intervalMs: number
  readonly baseEjectionMs: number
  /** 0 to 1. */
  readonly ejectedShareMax: number
  /** Standard deviations below the mean success rate; 0: off. */
  readonly successRateDeviations: number
}
