/** What a definition file would change on a running Postern: asked by `postern diff`, and by `postern deploy` before it acts. */

import { LIMITS } from '../domain/limits.ts'
import { formatProblem } from '../domain/problem.ts'
import { Failure, usageFailure } from '../server/failure.ts'
import { readDefinition } from '../server/load-definitions.ts'
import type { Settings } from '../server/settings/settings.ts'
import type {
  PlanDefinitionRequest,
  PlanDefinitionResponse,
} from '../services/postern/definition-messages.ts'
import type { CommandInput } from './command.ts'
import { type ControlClient, connect } from './control-client.ts'
import { findApi, listApis } from './named-api.ts'
import { painter } from './paint.ts'
import { planLines } from './plan-lines.ts'
import { printable } from './text-table.ts'

export interface AskedPlan {
  readonly client: ControlClient
  readonly request: PlanDefinitionRequest
  readonly answer: PlannedDefinition
}

/** An answer for a definition that can be deployed. */
export type PlannedDefinition = PlanDefinitionResponse &
  Required<Pick<PlanDefinitionResponse, 'ApiName' | 'StageName' | 'Plan' | 'PlanDigest'>>

const FILE_BYTES_MAX = LIMITS.definitionBytes.extended

/** Throws a failure with every problem when the definition cannot be deployed. Says warnings and notes. */
export async function askForPlan(command: string, input: CommandInput): Promise<AskedPlan> {
  const { settings, terminal } = input
  const { File, Text } = await definitionOf(command, input.operands)
  const client = await connect(settings, terminal.environment)
  const request = {
    File,
    Text,
    ...(await namedBy(client, settings.api)),
    ...otherMembers(settings),
  }
  const answer = await client.postern('PlanDefinition', request)
  const problems = answer.Problems.map(formatProblem)
  const { ApiName, StageName, Plan, PlanDigest } = answer
  const isRefused = Plan === undefined || answer.Refusals.length > 0
  if (isRefused || ApiName === undefined || StageName === undefined || PlanDigest === undefined) {
    const details = [...problems, ...answer.Refusals].map(printableLines)
    const message = `${request.File} cannot be deployed`
    throw new Failure(1, { message, mend: 'Mend it and run this again.', details })
  }
  // With --json they are in the document, unless somebody is asked before there is one.
  if (!settings.json || asksFirst(command, settings)) {
    for (const line of [...problems, ...answer.Notes]) terminal.err(`${printableLines(line)}\n`)
  }
  return { client, request, answer: { ...answer, ApiName, StageName, Plan, PlanDigest } }
}

function asksFirst(command: string, { yes, dryRun }: Settings): boolean {
  return command === 'deploy' && !yes && !dryRun
}

/** Which API and stage, and every line of the plan. */
export function planText(answer: PlannedDefinition, colors: boolean): string {
  const { ApiId, ApiName, StageName, Plan } = answer
  const api = `${printable(ApiName)} (${ApiId ?? 'a new API'}), stage ${printable(StageName)}`
  return `${[api, ...planLines(Plan, painter(colors))].join('\n')}\n`
}

/** The same for programs. */
export function planFacts(answer: PlannedDefinition): object {
  const { ApiId, ApiName, StageName, Plan, Problems, Notes } = answer
  return {
    ...(ApiId === undefined ? {} : { apiId: ApiId }),
    ...{ apiName: ApiName, stage: StageName, plan: Plan, problems: Problems, notes: Notes },
  }
}

async function definitionOf(
  command: string,
  [file]: readonly string[],
): Promise<{ File: string; Text: string }> {
  if (file === undefined) {
    throw usageFailure('Which definition?', `Name an OpenAPI file: postern ${command} api.yaml`)
  }
  const text = await readDefinition(file, FILE_BYTES_MAX)
  if (typeof text === 'string') return { File: file, Text: text }
  throw new Failure(1, { message: `${file}: ${text.message}`, mend: text.mend })
}

function otherMembers({ stage, target, stageVariable }: Settings): Partial<PlanDefinitionRequest> {
  return {
    ...(stage === undefined ? {} : { StageName: stage }),
    ...(target === undefined ? {} : { Target: target }),
    ...(Object.keys(stageVariable).length === 0 ? {} : { StageVariables: stageVariable }),
  }
}

/** A name that no API has yet is that of a new one; one that an API has is kept, whatever the definition's title. */
async function namedBy(
  client: ControlClient,
  named: string | undefined,
): Promise<Pick<PlanDefinitionRequest, 'ApiId' | 'ApiName'>> {
  if (named === undefined) return {}
  const found = findApi(await listApis(client), named)
  if (found === undefined) return { ApiName: named }
  return found.ApiId === named ? { ApiId: named } : { ApiId: found.ApiId, ApiName: named }
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}
