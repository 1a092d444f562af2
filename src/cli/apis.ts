/** `postern apis`: which APIs a running Postern serves, with their stages and addresses. */

import type { ServedApis } from '../domain/served-apis.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { connect } from './control-client.ts'
import { printable, renderTable } from './text-table.ts'

export async function apis({ settings, terminal }: CommandInput): Promise<number> {
  const client = await connect(settings, terminal.environment)
  const { Revision, Apis } = await client.postern('GetServedApis', {})
  const list: ServedApis = { revision: Revision, apis: Apis }
  if (settings.json) printJson(terminal, list)
  else printLines(terminal, tableOf(list))
  return 0
}

function tableOf({ apis }: ServedApis): string[] {
  if (apis.length === 0) return ['No API is deployed.']
  return renderTable(
    ['ID', 'NAME', 'TYPE', 'STAGE', 'ROUTES', 'URL'],
    apis.map((api) =>
      [
        api.apiId,
        api.name,
        api.protocolType,
        api.stage,
        String(api.routes.length),
        api.urls[0] ?? 'none',
      ].map(printable),
    ),
  )
}
