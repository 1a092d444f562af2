/**
 * Lengths, ranges and patterns of STS's members, which the SDK package does not tell.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */

import type { Constraints } from '../../aws/constraints.ts'

const session = '[\\w+=,.@-]*'

export const CONSTRAINTS: Constraints = {
  AssumeRoleRequest: {
    RoleArn: { length: [20, 2_048] },
    RoleSessionName: { length: [2, 64], pattern: session },
    DurationSeconds: { range: [900, 43_200], integer: true },
    ExternalId: { length: [2, 1_224], pattern: '[\\w+=,.@:\\/-]*' },
    Policy: { length: [1, 2_048] },
  },
  GetSessionTokenRequest: { DurationSeconds: { range: [900, 129_600], integer: true } },
}
