/** What holds for users and roles alike. */

import { ServiceError } from '../../aws/service-error.ts'
import type { ReadContext } from '../service.ts'
import { invalidInput, limitExceeded } from './errors.ts'
import type { IdentityRecord, Tag } from './records.ts'

/** Throws DeleteConflict while policies hang on it. */
export function refuseTied({ inline, attached }: IdentityRecord): void {
  const [problem] = [
    ...(attached.length > 0 ? ['must detach all policies first.'] : []),
    ...(Object.keys(inline).length > 0 ? ['must delete policies first.'] : []),
  ]
  if (problem === undefined) return
  throw new ServiceError('DeleteConflictException', `Cannot delete entity, ${problem}`)
}

export function taggedWith(
  { settings }: ReadContext,
  before: readonly Tag[],
  added: readonly Tag[],
): Tag[] {
  return mergedTags(before, added, settings.limits.tagsPerResource)
}

/** New ones, and new values of old ones. Throws for what tags may not be. */
export function mergedTags(before: readonly Tag[], added: readonly Tag[], most: number): Tag[] {
  const tags = new Map(before.map((tag) => [tag.Key.toLowerCase(), tag]))
  const seen = new Set<string>()
  for (const { Key, Value } of added) {
    const name = Key.toLowerCase()
    if (name.startsWith('aws:')) throw invalidInput('Tag keys must not begin with aws:.')
    if (seen.has(name)) throw invalidInput(`Duplicate tag keys found: ${Key}.`)
    seen.add(name)
    tags.set(name, { Key, Value })
  }
  if (tags.size > most) throw limitExceeded(`Cannot exceed quota for tags: ${most}`)
  return [...tags.values()]
}
