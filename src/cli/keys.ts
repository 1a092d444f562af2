/** `postern keys`: the access keys of an installation: list, create, delete. A secret is shown once, when it is made. */

import { usageFailure } from '../server/failure.ts'
import type {
  AccessKeyView,
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
} from '../services/postern/access-key.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { connect } from './control-client.ts'
import { printable, renderTable, timeText } from './text-table.ts'

const ACTIONS = { list, create, delete: remove } as const

export async function keys(input: CommandInput): Promise<number> {
  const [action = 'list'] = input.operands
  if (!Object.hasOwn(ACTIONS, action)) {
    throw usageFailure(
      `postern keys does not know ${printable(action)}`,
      `There are ${Object.keys(ACTIONS).join(', ')}.`,
    )
  }
  checkOperands(action, input)
  return ACTIONS[action as keyof typeof ACTIONS](input)
}

/** What would be ignored is refused. */
function checkOperands(action: string, { operands, settings }: CommandInput): void {
  const [, id] = operands
  if (action !== 'delete' && id !== undefined) {
    throw usageFailure(`postern keys ${action} does not know what to do with ${printable(id)}`)
  }
  const { readOnly, account, description } = settings
  if (action !== 'create' && (readOnly || (account ?? description) !== undefined)) {
    throw usageFailure(
      `--read-only, --account and --description describe a new key`,
      'They belong to postern keys create.',
    )
  }
}

async function list({ settings, terminal }: CommandInput): Promise<number> {
  const client = await connect(settings, terminal.environment)
  const { AccessKeys } = await client.postern('ListAccessKeys', {})
  if (settings.json) printJson(terminal, { accessKeys: AccessKeys })
  else printLines(terminal, renderTable(HEADING, AccessKeys.map(rowOf)))
  return 0
}

async function create({ settings, terminal }: CommandInput): Promise<number> {
  const client = await connect(settings, terminal.environment)
  const { account, description, readOnly } = settings
  const request: CreateAccessKeyRequest = {
    ReadOnly: readOnly,
    ...(account === undefined ? {} : { AccountId: account }),
    ...(description === undefined ? {} : { Description: description }),
  }
  const key = await client.postern('CreateAccessKey', request)
  if (settings.json) printJson(terminal, key)
  else printLines(terminal, createdLines(key))
  return 0
}

function createdLines(key: CreateAccessKeyResponse): string[] {
  const { AccessKeyId, SecretAccessKey, AccountId, ReadOnly } = key
  return [
    ...renderTable(
      [],
      [
        ['AWS_ACCESS_KEY_ID', AccessKeyId],
        ['AWS_SECRET_ACCESS_KEY', SecretAccessKey],
        ['account', AccountId],
        ['may', mayText(ReadOnly)],
      ].map((row) => row.map(printable)),
    ),
    '',
    'The secret is not shown again.',
  ]
}

async function remove({ settings, operands, terminal }: CommandInput): Promise<number> {
  const [, AccessKeyId] = operands
  if (AccessKeyId === undefined) {
    throw usageFailure('Which key?', 'Name it by its id: postern keys delete ID')
  }
  const client = await connect(settings, terminal.environment)
  await client.postern('DeleteAccessKey', { AccessKeyId })
  if (settings.json) printJson(terminal, { deleted: AccessKeyId })
  else printLines(terminal, [`The key ${printable(AccessKeyId)} is gone.`])
  return 0
}

const HEADING = ['KEY', 'ACCOUNT', 'MAY', 'CREATED', 'DESCRIPTION']

function rowOf(key: AccessKeyView): string[] {
  const { AccessKeyId, AccountId, ReadOnly, CreatedAt, Description } = key
  const cells = [AccessKeyId, AccountId, mayText(ReadOnly), timeText(CreatedAt), Description]
  return cells.map(printable)
}

function mayText(readOnly: boolean): string {
  return readOnly ? 'read' : 'read and write'
}
