/**
 * Stage variables inside integration URIs: `https://${stageVariables.host}/v1`. Resolved when a stage is compiled.
 */

const REFERENCE = /\$\{stageVariables\.([A-Za-z0-9_]+)\}/g

export interface InterpolatedText {
  /** The text with every reference replaced; a missing variable leaves nothing in its place. */
  readonly text: string
  /** Names that the stage does not define, each once, in order of appearance. */
  readonly missing: string[]
}

export function interpolateStageVariables(
  text: string,
  variables: Readonly<Record<string, string>>,
): InterpolatedText {
  const missing = new Set<string>()
  const interpolated = text.replace(REFERENCE, (_reference, name: string) => {
    const value = stageVariable(variables, name)
    if (value === undefined) missing.add(name)
    return value ?? ''
  })
  return { text: interpolated, missing: [...missing] }
}

/** One variable's value; undefined when the stage does not define it. */
export function stageVariable(
  variables: Readonly<Record<string, string>>,
  name: string,
): string | undefined {
  return Object.hasOwn(variables, name) ? variables[name] : undefined
}
