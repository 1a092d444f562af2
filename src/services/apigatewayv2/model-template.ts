/**
 * GetModelTemplate: a mapping template that writes one example of a model, to be edited by hand.
 *
 * Pure. Schemas may refer to themselves, so the depth is bounded; a `$ref` that leads out of the schema is an example
 * of nothing.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models-modelid-template.html
 */

type Schema = { readonly [Member in string]?: unknown }

const DEPTH_MAX = 8
const PROPERTIES_MAX = 1_000

/** A template in VTL. */
export function templateOf(schema: Schema): string {
  const writer = new TemplateWriter(schema)
  return `#set($inputRoot = $input.path('$'))\n${writer.write(schema, { indent: '', depth: 0 })}`
}

interface Place {
  readonly indent: string
  readonly depth: number
}

class TemplateWriter {
  readonly #root: Schema
  /** What may still be written, so that a small schema does not unfold into a huge text. */
  #properties = PROPERTIES_MAX

  constructor(root: Schema) {
    this.#root = root
  }

  write(written: unknown, place: Place): string {
    const schema = this.#resolve(written)
    if (Array.isArray(schema['enum'])) return JSON.stringify(schema['enum'][0] ?? null)
    switch (typeOf(schema)) {
      case 'object':
        return this.#writeObject(schema, place)
      case 'array':
        return this.#writeArray(schema, place)
      case 'string':
        return '"foo"'
      case 'integer':
        return '42'
      case 'number':
        return '3.14'
      case 'boolean':
        return 'true'
      default:
        return 'null'
    }
  }

  #writeObject({ properties }: Schema, { indent, depth }: Place): string {
    if (!isSchema(properties) || depth >= DEPTH_MAX) return '{}'
    const inner = { indent: `${indent}  `, depth: depth + 1 }
    const lines: string[] = []
    for (const [name, property] of Object.entries(properties)) {
      if (--this.#properties < 0) break
      lines.push(`${inner.indent}${JSON.stringify(name)} : ${this.write(property, inner)}`)
    }
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`
  }

  #writeArray({ items }: Schema, { indent, depth }: Place): string {
    if (!isSchema(items) || depth >= DEPTH_MAX) return '[]'
    const inner = { indent: `${indent}  `, depth: depth + 1 }
    return [
      '[',
      '## Update this foreach loop to reference array from input json',
      '#foreach($elem in $inputRoot)',
      `${inner.indent}${this.write(items, inner)}`,
      '#if($foreach.hasNext),#end',
      '#end',
      `${indent}]`,
    ].join('\n')
  }

  /** Follows `#/definitions/Pet`, and `#` for the whole. */
  #resolve(written: unknown): Schema {
    let schema: unknown = written
    for (let steps = 0; steps < DEPTH_MAX && isSchema(schema); steps++) {
      const reference = schema['$ref']
      if (typeof reference !== 'string') return schema
      schema = lookUp(this.#root, reference)
    }
    return {}
  }
}

function lookUp(root: Schema, reference: string): unknown {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return undefined
  const names = reference.slice(2).split('/')
  return names.reduce<unknown>((found, name) => {
    const key = name.replaceAll('~1', '/').replaceAll('~0', '~')
    return isSchema(found) && Object.hasOwn(found, key) ? found[key] : undefined
  }, root)
}

function typeOf(schema: Schema): unknown {
  const { type } = schema
  if (Array.isArray(type)) return type.find((each) => each !== 'null')
  if (type !== undefined) return type
  if (isSchema(schema['properties'])) return 'object'
  return isSchema(schema['items']) ? 'array' : undefined
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
