/**
 * `postern rollback`: a stage serves an earlier deployment again.
 *
 * Nothing but AWS's own calls: the stage is pointed to the deployment. A stage that deploys by itself would leave it with
 * the next change, so that is turned off in the same call.
 */

import type { GetStageResponse, UpdateStageRequest } from '@aws-sdk/client-apigatewayv2'
import { failure } from '../server/failure.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { type ControlClient, connect } from './control-client.ts'
import { listDeployments } from './deployments.ts'
import { chooseApi, type NamedApi } from './named-api.ts'
import { printable } from './text-table.ts'

export async function rollback({ settings, operands, terminal }: CommandInput): Promise<number> {
  const client = await connect(settings, terminal.environment)
  const api = await chooseApi(client, operands[0])
  const StageName = settings.stage ?? '$default'
  const stage = await client.gateway('GetStage', { ApiId: api.ApiId, StageName })
  const from = stage.DeploymentId
  const to = await deploymentToServe(client, api, stage, settings.to)
  const pauses = stage.AutoDeploy === true
  const request: UpdateStageRequest = { ApiId: api.ApiId, StageName, DeploymentId: to }
  await client.gateway('UpdateStage', pauses ? { ...request, AutoDeploy: false } : request)
  if (settings.json) {
    const facts = { apiId: api.ApiId, stage: StageName, from, to, autoDeployTurnedOff: pauses }
    printJson(terminal, facts)
    return 0
  }
  printLines(terminal, [
    `${printable(api.Name)} (${api.ApiId}), stage ${StageName}: ${from ?? 'nothing'} → ${to}`,
    ...(pauses ? [autoDeployLine(api, StageName)] : []),
  ])
  return 0
}

/** The one that was named, else the one that was made before what the stage serves. */
async function deploymentToServe(
  client: ControlClient,
  { ApiId, Name }: NamedApi,
  { DeploymentId, StageName }: GetStageResponse,
  named: string | undefined,
): Promise<string> {
  const place = `stage ${StageName} of ${printable(Name)}`
  if (named !== undefined && named === DeploymentId) {
    throw failure(`The ${place} serves ${named} already`, mendOf(ApiId))
  }
  if (named !== undefined) return named
  const deployments = await listDeployments(client, ApiId)
  const current = deployments.findIndex((each) => each.DeploymentId === DeploymentId)
  const before = current === -1 ? undefined : deployments[current + 1]?.DeploymentId
  if (before !== undefined) return before
  throw failure(`There is no deployment before the one that the ${place} serves`, mendOf(ApiId))
}

function mendOf(apiId: string): string {
  return `postern deployments ${apiId} lists them; name one with --to.`
}

function autoDeployLine({ ApiId }: NamedApi, stageName: string): string {
  return (
    'Automatic deployment of this stage is off now, else the next change would undo this. On again: ' +
    `aws apigatewayv2 update-stage --api-id ${ApiId} --stage-name '${stageName}' --auto-deploy`
  )
}
