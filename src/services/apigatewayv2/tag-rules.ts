/**
 * What tags may be, wherever they come from: TagResource, or the creation of a resource.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { ReadContext } from '../service.ts'

export type Tags = Readonly<Record<string, string>>

const KEY_CHARACTERS_MAX = 128
const VALUE_CHARACTERS_MAX = 256
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** The tags of a new resource; throws when one of them may not be. */
export function checkedTags(context: ReadContext, tags: Tags | undefined): Tags {
  for (const [key, value] of Object.entries(tags ?? {})) checkTag(key, value)
  const most = context.settings.limits.tagsPerResource
  if (Object.keys(tags ?? {}).length > most) {
    throw new ServiceError('BadRequestException', `A resource can have at most ${most} tags`)
  }
  return tags ?? {}
}

function checkTag(key: string, value: string): void {
  if (/^aws:/i.test(key)) throw invalid(key, 'keys that begin with aws: are reserved')
  if (key === '' || key.length > KEY_CHARACTERS_MAX) {
    throw invalid(key.slice(0, 20), `a key has 1 to ${KEY_CHARACTERS_MAX} characters`)
  }
  if (value.length > VALUE_CHARACTERS_MAX) {
    throw invalid(key, `a value has at most ${VALUE_CHARACTERS_MAX} characters`)
  }
  if (!CHARACTERS.test(key) || !CHARACTERS.test(value)) {
    throw invalid(key, 'letters, digits, spaces and _ . : / = + - @ are allowed')
  }
}

function invalid(key: string, rule: string): ServiceError {
  return new ServiceError('BadRequestException', `Invalid tag specified: "${key}": ${rule}`)
}
