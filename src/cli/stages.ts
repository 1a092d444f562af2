/** `postern stages`: the stages of an API, and which deployment each serves. */

import type { Stage } from '@aws-sdk/client-apigatewayv2'
import { type CommandInput, printJson, printLines } from './command.ts'
import { type ControlClient, connect } from './control-client.ts'
import { chooseApi } from './named-api.ts'
import { printable, renderTable, timeText } from './text-table.ts'

export async function stages({ settings, operands, terminal }: CommandInput): Promise<number> {
  const client = await connect(settings, terminal.environment)
  const { ApiId } = await chooseApi(client, operands[0])
  const list = await listStages(client, ApiId)
  if (settings.json) printJson(terminal, { apiId: ApiId, stages: list })
  else printLines(terminal, tableOf(list))
  return 0
}

export async function listStages(client: ControlClient, ApiId: string): Promise<readonly Stage[]> {
  const stages: Stage[] = []
  let NextToken: string | undefined
  do {
    const request = { ApiId, ...(NextToken === undefined ? {} : { NextToken }) }
    const page = await client.gateway('GetStages', request)
    stages.push(...(page.Items ?? []))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return stages
}

function tableOf(stages: readonly Stage[]): string[] {
  if (stages.length === 0) return ['The API has no stage.']
  return renderTable(
    ['STAGE', 'DEPLOYMENT', 'AUTO-DEPLOY', 'UPDATED', 'MESSAGE'],
    stages.map((stage) =>
      [
        stage.StageName ?? '',
        stage.DeploymentId ?? 'none',
        stage.AutoDeploy === true ? 'on' : 'off',
        timeText(stage.LastUpdatedDate),
        stage.LastDeploymentStatusMessage ?? '',
      ].map(printable),
    ),
  )
}
