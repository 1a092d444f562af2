/** Limits of the two ends of a link, for tests and the bench. */

import { limitsOf } from '../../src/domain/limits.ts'
import type { LinkLimits } from '../../src/link/contract.ts'
import { originLimits } from '../../src/server/worker/origin-limits.ts'

export function linkLimits(overrides: Partial<LinkLimits> = {}): LinkLimits {
  const limits = limitsOf('extended')
  const { linkStreams, linkStreamWindowBytes } = limits
  return { ...originLimits(limits), linkStreams, linkStreamWindowBytes, ...overrides }
}
