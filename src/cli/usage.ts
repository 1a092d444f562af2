/** `postern usage`: what clients with limits have called, by day; `usage top-up` gives one of them more of its quota. */

import { usageFailure } from '../server/failure.ts'
import type { UsageEntry } from '../services/postern/usage.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { type ControlClient, connect } from './control-client.ts'
import { chooseApi } from './named-api.ts'
import { printable, renderTable } from './text-table.ts'

export async function usage(input: CommandInput): Promise<number> {
  const { settings, operands, terminal } = input
  const [action] = operands
  if (action !== undefined && action !== 'top-up') {
    throw usageFailure(
      `postern usage has no action ${printable(action)}`,
      'Write postern usage, or postern usage top-up LIMIT CLIENT CALLS.',
    )
  }
  const client = await connect(settings, terminal.environment)
  return action === undefined ? list(input, client) : topUp(input, client)
}

const HEADING = ['DATE', 'LIMIT', 'CLIENT', 'ALLOWED', 'THROTTLED', 'OVER QUOTA']

async function list({ settings, terminal }: CommandInput, control: ControlClient): Promise<number> {
  const { api, client, from, to } = settings
  const named = api === undefined ? undefined : await chooseApi(control, api)
  const { Usage, Truncated } = await control.postern('ListUsage', {
    ...(named === undefined ? {} : { ApiId: named.ApiId }),
    ...(client === undefined ? {} : { Client: client }),
    ...(from === undefined ? {} : { From: from }),
    ...(to === undefined ? {} : { To: to }),
  })
  if (settings.json) printJson(terminal, { usage: Usage, truncated: Truncated })
  else if (Usage.length === 0) printLines(terminal, ['Nothing was counted on these days.'])
  else printLines(terminal, renderTable(HEADING, Usage.map(rowOf)))
  if (Truncated) terminal.err('There is more; ask for fewer days, one API or one client.\n')
  return 0
}

function rowOf({ date, meter, client, allowed, throttled, overQuota }: UsageEntry): string[] {
  return [date, meter, client, String(allowed), String(throttled), String(overQuota)].map(printable)
}

async function topUp(
  { settings, operands, terminal }: CommandInput,
  control: ControlClient,
): Promise<number> {
  const [, Meter, Client, text] = operands
  if (Meter === undefined || Client === undefined || !/^-?\d{1,12}$/.test(text ?? '')) {
    throw usageFailure(
      'postern usage top-up takes a limit, a client and a number of calls',
      'Limits and clients are named as postern usage shows them: postern usage top-up plan/abc123 k3y0000001 5000',
    )
  }
  const done = await control.postern('TopUpQuota', { Meter, Client, Calls: Number(text) })
  if (settings.json) printJson(terminal, done)
  else {
    const { Period, Used, Granted } = done
    printLines(terminal, [
      `${printable(Client)} has ${Granted} calls besides its quota in the period from ${Period}, and has used ${Used}.`,
    ])
  }
  return 0
}
