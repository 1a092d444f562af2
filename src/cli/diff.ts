/** `postern diff`: how what a stage serves differs from a definition file. Exit code 2 when it does. */

import { type CommandInput, printJson } from './command.ts'
import { askForPlan, planFacts, planText } from './definition-plan.ts'

const DRIFT = 2

export async function diff(input: CommandInput): Promise<number> {
  const { settings, terminal } = input
  const { answer } = await askForPlan('diff', input)
  if (settings.json) printJson(terminal, planFacts(answer))
  else terminal.out(planText(answer, terminal.colors))
  return answer.Plan.isEmpty ? 0 : DRIFT
}
