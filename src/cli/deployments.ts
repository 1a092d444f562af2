/** `postern deployments`: the deployments of an API, newest first, and which stages serve them. */

import type { Deployment, Stage } from '@aws-sdk/client-apigatewayv2'
import { type CommandInput, printJson, printLines } from './command.ts'
import { type ControlClient, connect } from './control-client.ts'
import { chooseApi } from './named-api.ts'
import { listStages } from './stages.ts'
import { printable, renderTable, timeText } from './text-table.ts'

export async function deployments({ settings, operands, terminal }: CommandInput): Promise<number> {
  const client = await connect(settings, terminal.environment)
  const { ApiId } = await chooseApi(client, operands[0])
  const list = await listDeployments(client, ApiId)
  const stages = await listStages(client, ApiId)
  const rows = list.map((deployment) => ({ ...deployment, Stages: stagesOf(deployment, stages) }))
  if (settings.json) printJson(terminal, { apiId: ApiId, deployments: rows })
  else printLines(terminal, tableOf(rows))
  return 0
}

/** Newest first. */
export async function listDeployments(
  client: ControlClient,
  ApiId: string,
): Promise<readonly Deployment[]> {
  const deployments: Deployment[] = []
  let NextToken: string | undefined
  do {
    const request = { ApiId, ...(NextToken === undefined ? {} : { NextToken }) }
    const page = await client.gateway('GetDeployments', request)
    deployments.push(...(page.Items ?? []))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return newestFirst(deployments)
}

/** Several can have the same second: then the place in the list, which is that of their making, decides. */
function newestFirst(deployments: readonly Deployment[]): readonly Deployment[] {
  const timeOf = ({ CreatedDate }: Deployment) => CreatedDate?.getTime() ?? 0
  return deployments.toReversed().toSorted((a, b) => timeOf(b) - timeOf(a))
}

function stagesOf({ DeploymentId }: Deployment, stages: readonly Stage[]): string[] {
  return stages
    .filter((stage) => stage.DeploymentId === DeploymentId)
    .map(({ StageName = '' }) => StageName)
}

function tableOf(rows: readonly (Deployment & { readonly Stages: readonly string[] })[]): string[] {
  if (rows.length === 0) return ['The API has never been deployed.']
  return renderTable(
    ['DEPLOYMENT', 'CREATED', 'STATUS', 'MADE', 'STAGES', 'DESCRIPTION'],
    rows.map((row) =>
      [
        row.DeploymentId ?? '',
        timeText(row.CreatedDate),
        row.DeploymentStatus ?? '',
        row.AutoDeployed === true ? 'automatically' : 'by hand',
        row.Stages.join(', '),
        row.Description ?? '',
      ].map(printable),
    ),
  )
}
