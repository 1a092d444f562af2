/**
 * `components.schemas` to models: the schema as JSON text, under its own name. What a schema cannot say about its model
 * (another content type, a description, a text that is no plain schema) stands under `x-postern-models`.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models.html
 */

import type { Model } from '@aws-sdk/client-apigatewayv2'
import { isObject, type LocatedObject, memberOf, membersOf } from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import { resourceIdOf } from './identifiers.ts'
import type { ImportRun } from './import-run.ts'

const EXTENSION = 'x-postern-models'
const NAME = /^[A-Za-z0-9]{1,128}$/
export const MODEL_CONTENT_TYPE = 'application/json'

export function isModelName(name: string): boolean {
  return NAME.test(name)
}

/** Those that a model can be made of; of the others, an import tells. */
export function readModels(run: ImportRun): Model[] {
  const components = memberOf(run.root, 'components')
  if (components === undefined) return []
  const schemas = run.read.object(memberOf(components, 'schemas'))
  const described = run.read.object(memberOf(components, EXTENSION))
  const models = new Map<string, Model>()
  for (const [name, node] of schemas === undefined ? [] : membersOf(schemas)) {
    const schema = JSON.stringify(node.value)
    const hindrance = isObject(node.value)
      ? findHindrance(run, { name, schema, count: models.size })
      : `The schema ${preview(name)} is no model: it is not an object.`
    if (hindrance === undefined) models.set(name, modelOf(run, name, schema))
    else if (run.enforce === 'nothing') warn(run, node.pointer, hindrance)
  }
  for (const [name, node] of described === undefined ? [] : membersOf(described)) {
    const description = run.read.object(node)
    if (description !== undefined) describe(run, models, { name, node: description })
  }
  return [...models.values()]
}

function modelOf(run: ImportRun, name: string, schema: string): Model {
  return {
    ContentType: MODEL_CONTENT_TYPE,
    ModelId: resourceIdOf('model', name, run.ids),
    Name: name,
    Schema: schema,
  }
}

/** Why a schema cannot be a model; undefined when it can. */
function findHindrance(
  run: ImportRun,
  { name, schema, count }: { name: string; schema: string; count: number },
): string | undefined {
  const { modelSchemaBytes, modelsPerApi } = run.options.limits
  const what = `The schema ${preview(name)} is no model:`
  if (!NAME.test(name)) return `${what} their names are letters and digits.`
  if (Buffer.byteLength(schema) > modelSchemaBytes) {
    return `${what} it has more than ${modelSchemaBytes} bytes.`
  }
  return count < modelsPerApi ? undefined : `${what} the API has ${modelsPerApi} of them already.`
}

/** Schemas have no effect on the requests of an HTTP API: who runs a definition need not hear about them. */
function warn(run: ImportRun, pointer: string, message: string): void {
  run.problems.warn(pointer, {
    code: 'model-left-out',
    message,
    mend: 'Change it, if the API is to have it as a model; requests are not affected.',
  })
}

function describe(
  run: ImportRun,
  models: Map<string, Model>,
  { name, node }: { name: string; node: LocatedObject },
): void {
  const schema = run.read.string(memberOf(node, 'schema'))
  const contentType = run.read.string(memberOf(node, 'contentType'))
  const description = run.read.string(memberOf(node, 'description'))
  const model = models.get(name) ?? (schema === undefined ? undefined : modelOf(run, name, schema))
  if (model === undefined) {
    run.problems.error(node.pointer, {
      code: 'model-missing',
      message: `There is no schema for the model ${preview(name)}.`,
      mend: 'Add it under components.schemas, or as the text "schema" here.',
    })
    return
  }
  const { Schema = '' } = { ...model, ...(schema === undefined ? {} : { Schema: schema }) }
  const count = models.has(name) ? models.size - 1 : models.size
  const hindrance = findHindrance(run, { name, schema: Schema, count })
  if (hindrance !== undefined) {
    const mend = 'Change it, or remove it from x-postern-models.'
    run.problems.error(node.pointer, { code: 'model-invalid', message: hindrance, mend })
    return
  }
  models.set(name, {
    ...model,
    Schema,
    ...(contentType === undefined ? {} : { ContentType: contentType }),
    ...(description === undefined ? {} : { Description: description }),
  })
}
