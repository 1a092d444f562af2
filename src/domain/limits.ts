/**
 * Every limit, in one table: number, unit, source, and what happens beyond it.
 *
 * Two profiles: `aws` holds API Gateway's quotas for HTTP APIs
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html), `extended` relaxes what only
 * Amazon's operation needs. `docs/reference/limits.md` is made from this table.
 *
 * The rows stand by subject in `limits/`, a file each; a new row goes there, and no name stands in two files.
 */

import { API_LIMITS } from './limits/apis.ts'
import { BALANCING_LIMITS } from './limits/balancing.ts'
import { CERTIFICATE_LIMITS } from './limits/certificates.ts'
import { CLIENT_SIDE_LIMITS } from './limits/client-side.ts'
import { IAM_LIMITS } from './limits/iam.ts'
import type { LimitRows } from './limits/limit.ts'
import { LINK_LIMITS } from './limits/links.ts'
import { OBSERVABILITY_LIMITS } from './limits/observability.ts'
import { ORIGIN_SIDE_LIMITS } from './limits/origin-side.ts'
import { PROCESS_LIMITS } from './limits/process.ts'
import { THROTTLE_LIMITS } from './limits/throttle.ts'
import { TOKEN_LIMITS } from './limits/tokens.ts'
import { USER_POOL_LIMITS } from './limits/user-pools.ts'

export type { Limit } from './limits/limit.ts'

export const LIMITS = {
  ...CLIENT_SIDE_LIMITS,
  ...ORIGIN_SIDE_LIMITS,
  ...THROTTLE_LIMITS,
  ...API_LIMITS,
  ...BALANCING_LIMITS,
  ...LINK_LIMITS,
  ...CERTIFICATE_LIMITS,
  ...TOKEN_LIMITS,
  ...IAM_LIMITS,
  ...USER_POOL_LIMITS,
  ...OBSERVABILITY_LIMITS,
  ...PROCESS_LIMITS,
} as const satisfies LimitRows

export type LimitName = keyof typeof LIMITS
export type LimitProfile = 'aws' | 'extended'
/** The numbers that are in force. */
export type Limits = Readonly<Record<LimitName, number>>

/** Numbers of one profile, with single values replaced (`--limit name=value`). */
export function limitsOf(
  profile: LimitProfile,
  overrides: Partial<Record<LimitName, number>> = {},
): Limits {
  const numbers = {} as Record<LimitName, number>
  for (const name of Object.keys(LIMITS) as LimitName[]) {
    numbers[name] = overrides[name] ?? LIMITS[name][profile]
  }
  return numbers
}
