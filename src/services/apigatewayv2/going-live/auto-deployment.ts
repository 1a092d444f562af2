/**
 * Stages that deploy by themselves: after a change of the API, one new deployment for all of them.
 *
 * A draft that is merely incomplete is no error: the stage keeps what it serves and says why, as on AWS. Old automatic
 * deployments are removed, or an API that is changed all day would keep every version that it ever had.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
 */

import type { HttpApiDefinition } from '../../../domain/http-api-definition.ts'
import { type DeploymentWriter, findGap, freeze, removeDeployment } from '../deployment.ts'
import { readDraft, servesSame } from '../draft/draft.ts'
import type { DeploymentRecord, StageRecord } from '../records.ts'
import type { FrozenDefinitions } from './frozen-definitions.ts'

export interface AutoDeployment {
  readonly apiId: string
  /** All stages of the API. */
  readonly stages: readonly StageRecord[]
  readonly definitions: FrozenDefinitions
  /** How many automatic deployments are kept besides those that stages point to. */
  readonly keptMax: number
}

const DESCRIPTION = 'Automatic deployment triggered by changes to the Api configuration'

/** The stages of the API as they are from now on; stages that stay as they are, are the same objects. */
export async function followDraft(
  writer: DeploymentWriter,
  { apiId, stages, definitions, keptMax }: AutoDeployment,
): Promise<readonly StageRecord[]> {
  const following = stages.filter(({ AutoDeploy }) => AutoDeploy === true)
  if (following.length === 0) return stages
  const draft = await readDraft(writer.records, apiId)
  const gap = findGap(draft)
  if (gap !== undefined)
    return stages.map((stage) => told(stage, `Deployment attempt failed: ${gap}`))
  const current = await currentDeployments(following, draft, definitions)
  const behind = following.some(({ DeploymentId }) => !current.has(DeploymentId))
  const isNew = behind && current.size === 0
  const newest = isNew ? await freezeDraft(writer, apiId, draft) : [...current][0]
  if (isNew) definitions.add(newest!, draft)
  const followed = stages.map((stage) =>
    current.has(stage.DeploymentId)
      ? told(stage, deployed(stage.DeploymentId))
      : moved(stage, newest, writer.now),
  )
  if (isNew) await prune(writer, apiId, { stages: followed, keptMax })
  return followed
}

/** Deployments that these stages point to and that are as the draft is. */
async function currentDeployments(
  following: readonly StageRecord[],
  draft: HttpApiDefinition,
  definitions: FrozenDefinitions,
): Promise<ReadonlySet<string | undefined>> {
  const current = new Set<string | undefined>()
  for (const id of new Set(following.map(({ DeploymentId }) => DeploymentId))) {
    const frozen = id === undefined ? undefined : await definitions.get(id)
    if (frozen !== undefined && servesSame(frozen, draft)) current.add(id)
  }
  return current
}

async function freezeDraft(
  writer: DeploymentWriter,
  apiId: string,
  definition: HttpApiDefinition,
): Promise<string> {
  const freezing = { apiId, definition, description: DESCRIPTION, autoDeployed: true }
  return (await freeze(writer, freezing)).DeploymentId!
}

function moved(stage: StageRecord, deploymentId: string | undefined, now: Date): StageRecord {
  if (stage.AutoDeploy !== true || deploymentId === undefined) return stage
  return {
    ...stage,
    DeploymentId: deploymentId,
    LastDeploymentStatusMessage: deployed(deploymentId),
    LastUpdatedDate: now.toISOString(),
  }
}

function told(stage: StageRecord, message: string): StageRecord {
  if (stage.AutoDeploy !== true || stage.LastDeploymentStatusMessage === message) return stage
  return { ...stage, LastDeploymentStatusMessage: message }
}

function deployed(deploymentId: string | undefined): string {
  return `Successfully deployed stage with deployment ID '${deploymentId}'`
}

/** The newest stay, and whatever a stage points to. */
async function prune(
  writer: DeploymentWriter,
  apiId: string,
  { stages, keptMax }: Pick<AutoDeployment, 'stages' | 'keptMax'>,
): Promise<void> {
  const { records } = await writer.records.list<DeploymentRecord>('deployment', apiId)
  const automatic = records.filter(({ body }) => body.AutoDeployed === true)
  const used = new Set(stages.map(({ DeploymentId }) => DeploymentId))
  for (const { id } of automatic.slice(0, Math.max(0, automatic.length - keptMax))) {
    if (!used.has(id)) await removeDeployment(writer, apiId, id)
  }
}
