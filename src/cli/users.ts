/** `postern users`: the users of a pool as CSV, out and in. Passwords never travel: who is imported chooses a new one. */

import { readFile } from 'node:fs/promises'
import type { UserImportJobType } from '@aws-sdk/client-cognito-identity-provider'
import { messageOf } from '../base/message-of.ts'
import { failure, usageFailure } from '../server/failure.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { type ControlClient, connect } from './control-client.ts'
import { printable } from './text-table.ts'
import { exportUsers } from './users-export.ts'

const ACTIONS = { export: exportAction, import: importAction } as const
const POLL_MS = 250
/** Cognito's API wants one, for logs that Postern does not write. */
const NO_ROLE = 'arn:aws:iam::000000000000:role/none'

interface Sources {
  readonly input: CommandInput
  readonly client: ControlClient
  readonly poolId: string
}

export async function users(input: CommandInput): Promise<number> {
  const [action = ''] = input.operands
  if (!Object.hasOwn(ACTIONS, action)) {
    throw usageFailure('What about users?', 'postern users export, or postern users import FILE.')
  }
  const { pool: poolId } = input.settings
  if (poolId === undefined) throw usageFailure('Which pool?', 'Name it: --pool us-east-1_AbCdEf123')
  const client = await connect(input.settings, input.terminal.environment)
  return ACTIONS[action as keyof typeof ACTIONS]({ input, client, poolId })
}

async function exportAction({ input, client, poolId }: Sources): Promise<number> {
  const { operands, terminal } = input
  if (operands[1] !== undefined) {
    throw usageFailure('An export goes to standard output', 'postern users export --pool … > FILE')
  }
  await exportUsers(client, poolId, (row) => terminal.out(row))
  return 0
}

async function importAction({ input, client, poolId }: Sources): Promise<number> {
  const [, file] = input.operands
  if (file === undefined) throw usageFailure('Which file?', 'postern users import FILE --pool …')
  const text = await readFile(file).catch((thrown: unknown) => {
    throw failure(`${file} cannot be read: ${messageOf(thrown)}`, 'Is the name right?')
  })
  const made = await client.cognito('CreateUserImportJob', {
    ...{ JobName: 'postern users import', UserPoolId: poolId, CloudWatchLogsRoleArn: NO_ROLE },
  })
  const { JobId = '', PreSignedUrl = '' } = made.UserImportJob!
  await putUp(PreSignedUrl, text)
  await client.cognito('StartUserImportJob', { UserPoolId: poolId, JobId })
  const job = await untilOver(client, poolId, JobId)
  const { Problems } = await client.postern('ListUserImportProblems', { UserPoolId: poolId, JobId })
  report(input, job, Problems)
  return job.Status === 'Succeeded' && (job.FailedUsers ?? 0) === 0 ? 0 : 1
}

async function putUp(url: string, text: Buffer<ArrayBuffer>): Promise<void> {
  const response = await fetch(url, { method: 'PUT', body: text, redirect: 'error' }).catch(
    (thrown: unknown) => {
      throw failure(`The file cannot be put up: ${messageOf(thrown)}`, 'Can this machine reach it?')
    },
  )
  if (response.status === 200) return
  const said = printable((await response.text()).slice(0, 300))
  throw failure(`The file was refused with status ${response.status}: ${said}`, 'Is it too large?')
}

async function untilOver(
  client: ControlClient,
  UserPoolId: string,
  JobId: string,
): Promise<UserImportJobType> {
  for (;;) {
    const { UserImportJob } = await client.cognito('DescribeUserImportJob', { UserPoolId, JobId })
    if (UserImportJob?.CompletionDate !== undefined) return UserImportJob
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

type Problems = readonly { readonly line: number; readonly problem: string }[]

function report(
  { settings, terminal, operands }: CommandInput,
  job: UserImportJobType,
  problems: Problems,
): void {
  const { ImportedUsers: imported = 0, SkippedUsers: skipped = 0, FailedUsers: failed = 0 } = job
  const { Status: status, CompletionMessage: message = '' } = job
  if (settings.json) {
    printJson(terminal, { ...{ status, message, imported, skipped, failed }, problems })
    return
  }
  for (const { line, problem } of problems) {
    terminal.err(`${printable(operands[1]!)}:${line}: ${printable(problem)}\n`)
  }
  const counts = `${imported} imported, ${skipped} there already, ${failed} failed.`
  printLines(terminal, [`${printable(message)} ${counts}`])
}
