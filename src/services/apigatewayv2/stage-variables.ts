/**
 * What stage variables may be, the same as in a definition file.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { Limits } from '../../domain/limits.ts'

type Variables = Readonly<Record<string, string>>

const NAME = /^[A-Za-z0-9_]{1,64}$/
const VALUE = /^[A-Za-z0-9\-._~:/?#&=,]+$/

/** Throws when one of them may not be, or when they are too many. */
export function checkStageVariables(variables: Variables, limits: Limits): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!NAME.test(name)) {
      throw invalid(name, 'a name has 1 to 64 letters, digits and underscores')
    }
    if (!VALUE.test(value)) {
      throw invalid(name, 'a value has letters, digits and - . _ ~ : / ? # & = , only')
    }
    if (Buffer.byteLength(value) > limits.stageVariableBytes) {
      throw invalid(name, `a value has at most ${limits.stageVariableBytes} bytes`)
    }
  }
  const count = Object.keys(variables).length
  if (count <= limits.stageVariables) return
  throw new ServiceError(
    'BadRequestException',
    `A stage can have at most ${limits.stageVariables} stage variables, not ${count}`,
  )
}

function invalid(name: string, rule: string): ServiceError {
  const shown = JSON.stringify(name.slice(0, 64))
  return new ServiceError('BadRequestException', `Invalid stage variable ${shown}: ${rule}`)
}
