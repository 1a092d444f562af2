/**
 * The document that workers balance by, from everything that has listeners. What makes it is loaded with the first load
 * balancer, or the first service of Cloud Map.
 */

import type { BalancingDocument } from '../../domain/balancing.ts'
import { ELB_KINDS, LOAD_BALANCER } from '../../services/elbv2/kinds.ts'
import type { ServiceSettings } from '../../services/service.ts'
import { SERVICE, SERVICE_KINDS } from '../../services/servicediscovery/kinds.ts'
import type { Change, Reader } from '../../storage/store.ts'

export interface BalancingParts {
  readonly settings: ServiceSettings
  readonly now: () => Date
}

export function touchesBalancing(changes: readonly Change[]): boolean {
  return changes.some(
    ({ key: { kind } }) => ELB_KINDS.includes(kind) || SERVICE_KINDS.includes(kind),
  )
}

export async function readBalancing(
  reader: Reader,
  { settings, now }: BalancingParts,
): Promise<BalancingDocument> {
  const parts: Pick<BalancingDocument, 'listeners' | 'targetGroups'>[] = []
  if ((await reader.everywhere(LOAD_BALANCER)).length > 0) {
    const { balancingOf } = await import('../../services/elbv2/balancing-document.ts')
    parts.push(await balancingOf(reader, { settings, now: now() }))
  }
  if ((await reader.everywhere(SERVICE)).length > 0) {
    const { serviceDocumentsOf } = await import(
      '../../services/servicediscovery/service-document.ts'
    )
    parts.push(await serviceDocumentsOf(reader))
  }
  return {
    revision: 0,
    listeners: Object.assign({}, ...parts.map(({ listeners }) => listeners)),
    targetGroups: Object.assign({}, ...parts.map(({ targetGroups }) => targetGroups)),
  }
}
