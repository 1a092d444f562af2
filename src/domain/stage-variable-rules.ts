/**
 * What stage variables may be, wherever they are written: in a definition, on the command line, or in a call of the
 * management API.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html
 */

const NAME = /^[A-Za-z0-9_]{1,64}$/
const VALUE = /^[A-Za-z0-9\-._~:/?#&=,]+$/

const NAME_SHOWN_MAX = 64

export interface StageVariableProblem {
  readonly code: string
  readonly message: string
  readonly mend: string
}

/** What is wrong with one variable; undefined when nothing is. */
export function findStageVariableProblem(
  name: string,
  value: string,
  { stageVariableBytes: most }: { readonly stageVariableBytes: number },
): StageVariableProblem | undefined {
  if (!NAME.test(name)) {
    const shown = JSON.stringify(name.slice(0, NAME_SHOWN_MAX))
    return {
      code: 'stage-variable-name',
      message: `${shown} cannot be the name of a stage variable.`,
      mend: 'Use up to 64 letters, digits and underscores.',
    }
  }
  if (Buffer.byteLength(value) > most) {
    return {
      code: 'stage-variable-too-long',
      message: `The stage variable ${name} holds more than ${most} bytes.`,
      mend: 'Shorten it, or raise --limit stageVariableBytes.',
    }
  }
  if (VALUE.test(value)) return undefined
  return {
    code: 'stage-variable-value',
    message: `The stage variable ${name} is empty or holds a character that is not allowed.`,
    mend: 'Use letters, digits and - . _ ~ : / ? # & = , only.',
  }
}
