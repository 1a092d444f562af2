/**
 * The document that workers balance by, from everything that has listeners. What makes it is loaded with the first load
 * balancer.
 */

import type { BalancingDocument } from '../domain/balancing.ts'
import { ELB_KINDS, LOAD_BALANCER } from '../services/elbv2/kinds.ts'
import type { ServiceSettings } from '../services/service.ts'
import type { Change, Reader } from '../storage/store.ts'

export interface BalancingParts {
  readonly settings: ServiceSettings
  readonly now: () => Date
}

const NOTHING: BalancingDocument = { revision: 0, listeners: {}, targetGroups: {} }

export function touchesBalancing(changes: readonly Change[]): boolean {
  return changes.some(({ key }) => ELB_KINDS.includes(key.kind))
}

export async function readBalancing(
  reader: Reader,
  { settings, now }: BalancingParts,
): Promise<BalancingDocument> {
  if ((await reader.everywhere(LOAD_BALANCER)).length === 0) return NOTHING
  const { balancingOf } = await import('../services/elbv2/balancing-document.ts')
  return balancingOf(reader, { settings, now: now() })
}
