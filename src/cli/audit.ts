/** `postern audit`: who changed what, oldest first, and whether the log is whole. */

import type { AuditRecord } from '../storage/store.ts'
import type { CommandInput } from './command.ts'
import { connect } from './control-client.ts'
import { entryCount } from './entry-count.ts'
import { type Paint, painter } from './paint.ts'
import { printable, renderTable, timeText } from './text-table.ts'

export async function audit({ settings, terminal }: CommandInput): Promise<number> {
  const { before } = settings
  const last = entryCount(settings.last)
  const client = await connect(settings, terminal.environment)
  const page = before === undefined ? {} : { Before: before }
  const log = await client.postern('GetAuditLog', { MaxResults: last, ...page })
  const records = log.Records.toReversed()
  if (settings.json) for (const record of records) terminal.out(`${JSON.stringify(record)}\n`)
  else if (records.length === 0) terminal.out('Nothing has been changed yet.\n')
  else terminal.out(`${tableOf(records, painter(terminal.colors)).join('\n')}\n`)
  if (log.Intact) return 0
  terminal.err(`${brokenText(log.BrokenAt, settings.json)}\n`)
  return 1
}

function brokenText(sequence: number | undefined, json: boolean): string {
  const message = `The audit log has been changed: entry ${sequence ?? 'unknown'} does not fit those before it`
  const mend =
    'Compare it with a backup of the data folder; nothing from this entry on can be trusted.'
  return json
    ? JSON.stringify({ level: 'error', message, mend, brokenAt: sequence })
    : `postern: ${message}\n  → ${mend}`
}

function tableOf(records: readonly AuditRecord[], paint: Paint): string[] {
  const [heading = '', ...lines] = renderTable(
    ['#', 'TIME', 'WHO', 'FROM', 'ACTION', 'WHAT'],
    records.map(rowOf),
  )
  const painted = lines.map((line, i) =>
    records[i]!.refused === undefined ? line : paint('red', line),
  )
  return [heading, ...painted]
}

function rowOf(record: AuditRecord): string[] {
  const { sequence, time, who, sourceIp, action } = record
  return [String(sequence), timeText(time), who, sourceIp, action, whatOf(record)].map(printable)
}

/** `+ made, - removed, ~ changed`, or why nothing was. */
function whatOf({ changes, refused, times = 1 }: AuditRecord): string {
  if (refused !== undefined) return `refused${times > 1 ? ` ${times} times` : ''}: ${refused}`
  const signs = changes.map(({ resource, before, after }) => {
    if (before === undefined) return `+ ${resource}`
    return `${after === undefined ? '-' : '~'} ${resource}`
  })
  const [first = '', second, third, ...rest] = signs
  const shown = [first, second, third].filter((sign) => sign !== undefined).join(', ')
  return rest.length === 0 ? shown : `${shown} and ${rest.length} more`
}
