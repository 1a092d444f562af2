/** `postern outbox`: what was written to users of pools, and what became of it, newest first. */

import type { OutboxEntry } from '../services/postern/outbox.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { connect } from './control-client.ts'
import { entryCount } from './entry-count.ts'
import { printable, renderTable, timeText } from './text-table.ts'

export async function outbox({ settings, terminal }: CommandInput): Promise<number> {
  const client = await connect(settings, terminal.environment)
  const { pool, user, last } = settings
  const { Messages } = await client.postern('ListOutboxMessages', {
    MaxResults: entryCount(last),
    ...(pool === undefined ? {} : { UserPoolId: pool }),
    ...(user === undefined ? {} : { Username: user }),
  })
  if (settings.json) printJson(terminal, { messages: Messages })
  else if (Messages.length === 0) printLines(terminal, ['Nothing was written to anybody.'])
  else printLines(terminal, renderTable(HEADING, Messages.map(rowOf)))
  return 0
}

const HEADING = ['TIME', 'POOL', 'USER', 'TO', 'ABOUT', 'CODE', 'SENT']

function rowOf(message: OutboxEntry): string[] {
  const { createdAt, userPoolId, username, destination, purpose, code } = message
  const cells = [timeText(createdAt), userPoolId, username, destination, purpose, code]
  return [...cells, deliveryText(message)].map(printable)
}

function deliveryText({ delivery }: OutboxEntry): string {
  switch (delivery?.status) {
    case undefined:
      return '-'
    case 'sent':
      return timeText(delivery.sentAt)
    case 'waiting':
      return `waits until ${timeText(delivery.nextAttemptAt)} (${delivery.lastError})`
    case 'failed':
      return `no: ${delivery.lastError}`
  }
}
