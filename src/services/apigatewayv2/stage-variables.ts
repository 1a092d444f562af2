/**
 * What stage variables may be, the same as in a definition file.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { Limits } from '../../domain/limits.ts'
import { findStageVariableProblem } from '../../domain/stage-variable-rules.ts'

type Variables = Readonly<Record<string, string>>

/** Throws when one of them may not be, or when they are too many. */
export function checkStageVariables(variables: Variables, limits: Limits): void {
  for (const [name, value] of Object.entries(variables)) {
    const problem = findStageVariableProblem(name, value, limits)
    if (problem !== undefined) {
      const { message, mend } = problem
      throw new ServiceError('BadRequestException', `Invalid stage variable: ${message} ${mend}`)
    }
  }
  const count = Object.keys(variables).length
  if (count <= limits.stageVariables) return
  throw new ServiceError(
    'BadRequestException',
    `A stage can have at most ${limits.stageVariables} stage variables, not ${count}`,
  )
}
