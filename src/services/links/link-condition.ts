/**
 * How a VPC link stands, in AWS's words, and why.
 *
 * PENDING: no agent has enrolled yet. AVAILABLE: one is connected, or none is needed. INACTIVE: agents are known and none
 * is connected, so requests fail until one comes back. FAILED: none that is known can come back; enrol another.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks-vpclinkid.html
 */

import type { VpcLinkStatus } from '@aws-sdk/client-apigatewayv2'
import type { ReadContext } from '../service.ts'
import { goodCertificates, LINK_AGENT, LINK_REACH, type LinkAgentRecord } from './link-records.ts'

export interface LinkCondition {
  readonly status: VpcLinkStatus
  readonly message: string
}

export const READY: LinkCondition = {
  status: 'AVAILABLE',
  message: 'VPC link is ready to route traffic',
}

/** Of links that agents serve; those that are not in it are `READY`. */
export async function linkConditions(
  context: ReadContext,
): Promise<ReadonlyMap<string, LinkCondition>> {
  const conditions = new Map<string, LinkCondition>()
  for (const { id } of (await context.records.list(LINK_REACH, '')).records) {
    const agents = await context.records.list<LinkAgentRecord>(LINK_AGENT, id)
    const connected = agentsConnected(context, id)
    const known = agents.records.map(({ body }) => body)
    conditions.set(id, conditionOf(known, connected, context.now))
  }
  return conditions
}

/** How many agents of the link are connected. */
export function agentsConnected({ linkedAgents }: ReadContext, vpcLinkId: string): number {
  const ids = new Set<string>()
  for (const agent of linkedAgents?.() ?? []) {
    if (agent.vpcLinkId === vpcLinkId && !agent.draining) ids.add(agent.agentId)
  }
  return ids.size
}

export function conditionOf(
  known: readonly LinkAgentRecord[],
  connected: number,
  now: Date,
): LinkCondition {
  if (connected > 0) return READY
  if (known.length === 0) {
    return { status: 'PENDING', message: 'No agent has enrolled yet (postern link --token …)' }
  }
  const canReturn = known.some(
    (agent) => agent.revokedAt === undefined && goodCertificates(agent, now).length > 0,
  )
  return canReturn
    ? { status: 'INACTIVE', message: 'No agent is connected: requests fail until one is' }
    : {
        status: 'FAILED',
        message:
          'Every agent is revoked or has let its certificate expire: enrol one anew (postern links token)',
      }
}
