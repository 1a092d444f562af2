/**
 * Models to `components.schemas`. A model whose text would mean something else there, or nothing that can be read again,
 * stands under `x-postern-models` as the text that it is.
 */

import type { Model } from '@aws-sdk/client-apigatewayv2'
import { isObject } from '../document/located-value.ts'
import { isOurs } from './extensions.ts'
import { MODEL_CONTENT_TYPE } from './models.ts'
import { hasMembers, type Written, written } from './written.ts'

const REFERENCE = /^#\/components\/schemas\/([A-Za-z0-9]+)$/
/** Keys that mean something to readers of the whole document. */
const FORBIDDEN_KEYS = ['__proto__', '<<']
/** Well below what a definition may have, of which the document takes some itself. */
const DEPTH_MAX = 100

export interface ExportedModels {
  readonly schemas: Written
  readonly described: Written
}

export function exportModels(models: readonly Model[]): ExportedModels {
  const sorted = [...models].sort((one, other) => (one.Name! < other.Name! ? -1 : 1))
  const plain = plainSchemas(sorted)
  const described = sorted.flatMap((model) => {
    const description = written({
      contentType: model.ContentType === MODEL_CONTENT_TYPE ? undefined : model.ContentType,
      description: model.Description,
      schema: plain.has(model.Name!) ? undefined : model.Schema,
    })
    return hasMembers(description) ? [[model.Name!, description] as const] : []
  })
  return { schemas: Object.fromEntries(plain), described: Object.fromEntries(described) }
}

/** Those that mean the same in the document as they do alone, by name. */
function plainSchemas(models: readonly Model[]): Map<string, unknown> {
  const plain = new Map<string, unknown>()
  for (const { Name, Schema } of models) {
    const schema = parse(Schema ?? '')
    if (isObject(schema)) plain.set(Name!, schema)
  }
  // What refers to a schema that cannot stand there cannot stand there either.
  for (let before = -1; before !== plain.size; ) {
    before = plain.size
    for (const [name, schema] of plain) if (!canStand(schema, plain)) plain.delete(name)
  }
  return plain
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function canStand(value: unknown, names: ReadonlyMap<string, unknown>, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth > DEPTH_MAX) return false
  if (Array.isArray(value)) return value.every((item) => canStand(item, names, depth + 1))
  return Object.entries(value).every(([key, member]) => {
    if (FORBIDDEN_KEYS.includes(key) || isOurs(key)) return false
    if (key === '$ref' && typeof member === 'string') {
      return names.has(REFERENCE.exec(member)?.[1] ?? '')
    }
    return canStand(member, names, depth + 1)
  })
}
