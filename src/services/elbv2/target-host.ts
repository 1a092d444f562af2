/** Where a target is reached. */

import type { ServiceSettings } from '../service.ts'
import type { RegisteredTarget, TargetGroupRecord } from './records.ts'

/** Undefined: an instance that the settings no longer name. */
export function hostOf(
  { view }: Pick<TargetGroupRecord, 'view'>,
  { Id }: RegisteredTarget,
  { instances = {} }: Pick<ServiceSettings, 'instances'>,
): string | undefined {
  if (view.TargetType === 'ip') return Id
  return Object.hasOwn(instances, Id) ? instances[Id] : undefined
}
