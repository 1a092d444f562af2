/**
 * `postern deploy`: a definition file to a stage of a running Postern, after showing what that changes.
 *
 * What was shown is what is done: the deployment names the plan, and is refused when another one has become of it.
 */

import { failure, usageFailure } from '../server/failure.ts'
import type { DeployDefinitionResponse } from '../services/postern/definition-messages.ts'
import { type CommandInput, printJson, type Terminal } from './command.ts'
import type { ControlClient } from './control-client.ts'
import { type AskedPlan, askForPlan, planFacts, planText } from './definition-plan.ts'
import { printable } from './text-table.ts'

export async function deploy(input: CommandInput): Promise<number> {
  const { settings, terminal } = input
  const asked = await askForPlan('deploy', input)
  // With --json the one document comes at the end; whoever has to decide sees the plan anyway.
  if (!settings.json) terminal.out(planText(asked.answer, terminal.colors))
  else if (!settings.yes && !settings.dryRun) terminal.err(planText(asked.answer, false))
  const nothingToDo = asked.answer.Plan.isEmpty && asked.answer.DraftDiffers !== true
  if (settings.dryRun || nothingToDo) {
    if (settings.json) printJson(terminal, { ...planFacts(asked.answer), deployed: false })
    return 0
  }
  if (!settings.yes) await confirm(terminal)
  const { client, request, answer } = asked
  const { PlanDigest } = answer
  const done = await client.postern('DeployDefinition', { ...request, PlanDigest })
  const urls = await addressesOf(client, done)
  if (settings.json) printJson(terminal, deployedFacts(asked, done, urls))
  else terminal.out(deployedText(done, urls))
  return 0
}

async function confirm(terminal: Terminal): Promise<void> {
  if (terminal.ask === undefined) {
    throw usageFailure(
      'Nobody is here to say yes: this is no terminal',
      'Deploy without a question with --yes, or only look with --dry-run.',
    )
  }
  const answer = await terminal.ask('Deploy this? [y/N] ')
  if (/^\s*y(es)?\s*$/i.test(answer)) return
  throw failure('Nothing was deployed')
}

/** Where the stage answers; empty when its own endpoint is disabled. */
async function addressesOf(
  client: ControlClient,
  { ApiId, StageName }: DeployDefinitionResponse,
): Promise<readonly string[]> {
  const { Apis } = await client.postern('GetServedApis', {})
  return Apis.find(({ apiId, stage }) => apiId === ApiId && stage === StageName)?.urls ?? []
}

function deployedFacts(
  { answer }: AskedPlan,
  { ApiId, DeploymentId, Created, Warnings }: DeployDefinitionResponse,
  urls: readonly string[],
): object {
  const done = { deployed: true, deploymentId: DeploymentId, created: Created, warnings: Warnings }
  return { ...planFacts(answer), apiId: ApiId, ...done, urls }
}

function deployedText({ DeploymentId }: DeployDefinitionResponse, urls: readonly string[]): string {
  const addresses = urls.length === 0 ? ['no address: its endpoint is disabled'] : urls
  const lines = addresses.map((address) => `  ${printable(address)}`)
  return `deployed as ${printable(DeploymentId ?? '')}\n${lines.join('\n')}\n`
}
