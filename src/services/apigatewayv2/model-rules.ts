/**
 * What a model may be, looking at the whole of it: a name, and a schema that is a JSON object.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models.html
 */

import type { Model } from '@aws-sdk/client-apigatewayv2'
import { isModelName } from '../../definitions/open-api/models.ts'
import type { Limits } from '../../domain/limits.ts'

/** The first fault; undefined when there is none. */
export function findModelProblem(
  { Name = '', Schema = '' }: Model,
  { modelSchemaBytes: most }: Limits,
): string | undefined {
  if (!isModelName(Name)) {
    return `Invalid model name specified: ${Name.slice(0, 128)}. It may hold letters and digits`
  }
  if (Buffer.byteLength(Schema) > most) return `A schema can have at most ${most} bytes`
  return readSchema(Schema).problem
}

/** The schema of a model; what is not one is told as a problem. */
export function readSchema(text: string): {
  readonly schema: Readonly<Record<string, unknown>>
  readonly problem?: string
} {
  try {
    const schema: unknown = JSON.parse(text)
    const isSchema = typeof schema === 'object' && schema !== null && !Array.isArray(schema)
    if (isSchema) return { schema: schema as Record<string, unknown> }
    return { schema: {}, problem: 'Invalid model schema specified: it must be a JSON object' }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const problem = `Invalid model schema specified: it is not JSON (${error.message})`
    return { schema: {}, problem }
  }
}
