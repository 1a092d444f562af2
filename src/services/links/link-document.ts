/** From the records of VPC links to the document that workers know them by; made anew, as a whole. */

import type { Link, LinkDocument } from '../../domain/link.ts'
import type { Change, Reader } from '../../storage/store.ts'
import type { VpcLinkRecord } from '../apigatewayv2/records.ts'
import {
  LINK_AGENT,
  LINK_REACH,
  type LinkAgentRecord,
  type LinkReachRecord,
} from './link-records.ts'

/** An agent that renews its certificate changes nothing that workers know. */
export function touchesLinks(changes: readonly Change[]): boolean {
  return changes.some(({ key: { kind }, before, after }) => {
    if (kind === 'vpc-link' || kind === LINK_REACH) return true
    if (kind !== LINK_AGENT) return false
    return (
      mayServe(before) !== mayServe(after) || revokedOf(before).join() !== revokedOf(after).join()
    )
  })
}

/** Undefined: there is none. */
export async function linksOf(reader: Reader): Promise<LinkDocument> {
  const links: Link[] = []
  for (const { scope, id, body } of await reader.everywhere<VpcLinkRecord>('vpc-link')) {
    const records = reader.in(scope)
    const key = { kind: LINK_REACH, parent: '', id }
    const reach = await records.get<LinkReachRecord>(key)
    const agents =
      reach === undefined ? [] : (await records.list<LinkAgentRecord>(LINK_AGENT, id)).records
    links.push({
      vpcLinkId: id,
      name: body.Name ?? '',
      ...scope,
      reach: reach === undefined ? 'DIRECT' : 'AGENT',
      allow: reach?.body.allow ?? [],
      revokedAgents: agents.flatMap((agent) => revokedOf(agent.body)),
      hasAgents: agents.some(({ body }) => mayServe(body)),
    })
  }
  return { revision: 0, links }
}

function mayServe(body: object | undefined): boolean {
  const agent = body as LinkAgentRecord | undefined
  return agent !== undefined && agent.revokedAt === undefined
}

function revokedOf(body: object | undefined): readonly string[] {
  const agent = body as LinkAgentRecord | undefined
  if (agent?.revokedAt === undefined) return []
  return agent.certificates.map(({ serialNumber }) => serialNumber)
}
