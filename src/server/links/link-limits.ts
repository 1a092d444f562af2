/** The limits of the two ends of a VPC link, from the table of all. */

import type { Limits } from '../../domain/limits.ts'
import type { LinkLimits } from '../../link/contract.ts'
import { originLimits } from '../worker/origin-limits.ts'

export function linkLimits(limits: Limits): LinkLimits {
  const { linkStreams, linkStreamWindowBytes } = limits
  return { ...originLimits(limits), linkStreams, linkStreamWindowBytes }
}
