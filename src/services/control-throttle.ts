/**
 * The request quotas that AWS puts on its management API, for those who want to meet them in a test.
 *
 * Off unless asked for (`--control-throttles aws`): nobody misses them. Token buckets by account and region, held in
 * memory. Figures: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html ("Amazon API Gateway
 * quotas for creating, deploying and managing an API").
 */

import { ServiceError } from '../aws/service-error.ts'
import type { Clock } from '../base/clock.ts'
import type { Scope } from '../storage/store.ts'

interface Quota {
  /** One token in so many milliseconds. */
  readonly everyMs: number
  readonly burst: number
}

/** All operations together: ten a second, forty at once. */
const TOTAL: Quota = { everyMs: 100, burst: 40 }
/** Operation of apigatewayv2 → its own quota besides. */
const OPERATIONS: Readonly<Record<string, Quota>> = {
  CreateDeployment: { everyMs: 5_000, burst: 1 },
  CreateDomainName: { everyMs: 30_000, burst: 1 },
  DeleteDomainName: { everyMs: 30_000, burst: 1 },
  UpdateDomainName: { everyMs: 30_000, burst: 1 },
  CreateApi: { everyMs: 3_000, burst: 1 },
  ImportApi: { everyMs: 3_000, burst: 1 },
  DeleteApi: { everyMs: 30_000, burst: 1 },
  ReimportApi: { everyMs: 1_000, burst: 1 },
  CreateVpcLink: { everyMs: 15_000, burst: 1 },
  DeleteVpcLink: { everyMs: 30_000, burst: 1 },
}

/** When a bucket would be full again; until then it lacks a token for each `everyMs`. */
type Buckets = Map<string, number>

export class ControlThrottle {
  readonly #clock: Clock
  readonly #fullAtMs: Buckets = new Map()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes a token for this call. Throws TooManyRequestsException with the seconds to wait, and takes none. */
  take({ accountId, region }: Scope, operation: string): void {
    const owner = `${accountId}/${region}`
    const own = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined
    const wanted: [name: string, quota: Quota][] = [[`${owner}/`, TOTAL]]
    if (own !== undefined) wanted.push([`${owner}/${operation}`, own])
    const waitMs = Math.max(...wanted.map(([name, quota]) => this.#waitMs(name, quota)))
    if (waitMs > 0) throw tooMany(operation, waitMs)
    for (const [name, quota] of wanted) this.#take(name, quota)
  }

  #waitMs(name: string, { everyMs, burst }: Quota): number {
    const lacksMs = (this.#fullAtMs.get(name) ?? 0) - this.#clock.now()
    return lacksMs - (burst - 1) * everyMs
  }

  #take(name: string, { everyMs }: Quota): void {
    const now = this.#clock.now()
    this.#fullAtMs.set(name, Math.max(this.#fullAtMs.get(name) ?? 0, now) + everyMs)
  }
}

function tooMany(operation: string, waitMs: number): ServiceError {
  const retryAfterSeconds = Math.ceil(waitMs / 1_000)
  return new ServiceError(
    'TooManyRequestsException',
    `Too Many Requests: ${operation} is held to AWS's quotas (--control-throttles aws). Try again in ${retryAfterSeconds} s.`,
    { LimitType: 'RequestQuota' },
    { retryAfterSeconds },
  )
}
