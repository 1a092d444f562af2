/**
 * VPC links that agents serve, as operations: made with an allow-list, enrolment tokens, agents and what they carry.
 *
 * AWS's VpcLink has no agents; the resource is the same, seen through both APIs, and gets here what AWS has no name for.
 * A secret is in one answer only, that of the call that made it.
 */

import { ServiceError } from '../../aws/service-error.ts'
import { authorityFingerprint } from '../../certificates/link-certificates.ts'
import { formatLinkToken } from '../../domain/link-token.ts'
import { requireRoom } from '../apigatewayv2/quota.ts'
import type { VpcLinkRecord } from '../apigatewayv2/records.ts'
import { checkedTags } from '../apigatewayv2/tag-rules.ts'
import {
  linkUsers,
  putVpcLink,
  requireVpcLink,
  vpcLinkOperations,
} from '../apigatewayv2/vpc-link.ts'
import { formatAllowance, parseAllowance } from '../links/link-allowance.ts'
import { agentsConnected, conditionOf, READY } from '../links/link-condition.ts'
import { changedAllowances, newLinkId, putReach, reachOf } from '../links/link-reach.ts'
import {
  goodCertificates,
  LINK_AGENT,
  LINK_TOKEN,
  type LinkAgentRecord,
} from '../links/link-records.ts'
import { putNewToken } from '../links/link-tokens.ts'
import { decide, type ReadContext, read, type WriteContext, write } from '../service.ts'
import type {
  CreateLinkRequest,
  CreateLinkResponse,
  CreateLinkTokenRequest,
  CreateLinkTokenResponse,
  LinkRequest,
  LinkTokenAnswer,
  LinkView,
  ListLinksResponse,
  RevokeLinkAgentRequest,
  RevokeLinkAgentResponse,
  UpdateLinkAllowancesRequest,
} from './link-messages.ts'

/** The link port, as far as operations need it. */
export interface LinkPort {
  /** Opens it, and makes the authority of links, where that has not been done. Rejects with a ServiceError. */
  open(): Promise<OpenLinkPort>
}

export interface OpenLinkPort {
  readonly port: number
  /** PEM of the authority of links. */
  readonly authority: string
}

/** No server, as in a test of other operations. */
const NOT_SERVED: LinkPort = {
  open: () =>
    Promise.reject(
      new ServiceError('ServiceUnavailableException', 'No agents of VPC links are served here.'),
    ),
}

export function linkOperations(linkPort: LinkPort = NOT_SERVED) {
  return {
    CreateLink: decide<CreateLinkRequest, CreateLinkResponse>(async (request) => {
      const allow = (request.Allow ?? []).map(parseAllowance)
      // First: a port that cannot be opened must leave no link behind.
      const open = await linkPort.open()
      return {
        commit: async (context) => {
          const record = await newLink(context, request)
          const { Name = '', VpcLinkId = '' } = record
          await putVpcLink(context, record)
          await putReach(context, VpcLinkId, allow)
          const token = await newToken(context, open, { VpcLinkId })
          return { VpcLinkId, Name, Allow: allow.map(formatAllowance), ...token }
        },
      }
    }),

    CreateLinkToken: decide<CreateLinkTokenRequest, CreateLinkTokenResponse>(
      async ({ Link, ExpiresInSeconds: seconds }) => {
        const open = await linkPort.open()
        return {
          commit: async (context) => {
            const { VpcLinkId = '' } = await requireAgentLink(context, Link)
            const lifeMs = seconds === undefined ? {} : { lifeMs: seconds * 1_000 }
            return { VpcLinkId, ...(await newToken(context, open, { VpcLinkId, ...lifeMs })) }
          },
        }
      },
    ),

    UpdateLinkAllowances: write<UpdateLinkAllowancesRequest, LinkView>(async (request, context) => {
      const record = await requireLink(context, request.Link)
      const reach = await reachOf(context, record.VpcLinkId!)
      if (reach === undefined) await refuseInUse(context, record.VpcLinkId!)
      const add = (request.Add ?? []).map(parseAllowance)
      const remove = (request.Remove ?? []).map(parseAllowance)
      const allow = changedAllowances(reach?.allow ?? [], { add, remove })
      await putReach(context, record.VpcLinkId!, allow)
      return viewOf(context, record)
    }),

    RevokeLinkAgent: write<RevokeLinkAgentRequest, RevokeLinkAgentResponse>(revoke),

    DeleteLink: write<LinkRequest, { VpcLinkId: string }>(async ({ Link }, context) => {
      const { VpcLinkId } = await requireLink(context, Link)
      const { DeleteVpcLink } = vpcLinkOperations
      await (DeleteVpcLink as { run: DeleteRun }).run({ VpcLinkId: VpcLinkId! }, context)
      return { VpcLinkId: VpcLinkId! }
    }),

    GetLink: read<LinkRequest, LinkView>(async ({ Link }, context) =>
      viewOf(context, await requireLink(context, Link)),
    ),

    ListLinks: read<object, ListLinksResponse>(async (_request, context) => {
      const { records } = await context.records.list<VpcLinkRecord>('vpc-link', '')
      const Links: LinkView[] = []
      for (const { body } of records) Links.push(await viewOf(context, body))
      return { Links }
    }),
  }
}

type DeleteRun = (input: { VpcLinkId: string }, context: WriteContext) => Promise<object>

async function newLink(context: WriteContext, request: CreateLinkRequest): Promise<VpcLinkRecord> {
  const noun = 'VPC links in this region'
  await requireRoom(context, { kind: 'vpc-link', parent: '', limit: 'vpcLinksPerRegion', noun })
  return {
    CreatedDate: context.now.toISOString(),
    Name: request.Name,
    SecurityGroupIds: [],
    SubnetIds: [],
    Tags: checkedTags(context, request.Tags),
    VpcLinkId: await newLinkId(context),
  }
}

async function newToken(
  context: WriteContext,
  open: OpenLinkPort,
  of: { readonly VpcLinkId: string; readonly lifeMs?: number },
): Promise<LinkTokenAnswer> {
  const { VpcLinkId: vpcLinkId, lifeMs } = of
  const { secret, expiresAt } = await putNewToken(context, vpcLinkId, lifeMs)
  const fingerprint = authorityFingerprint(open.authority)
  const Token = formatLinkToken({ vpcLinkId, secret, authorityFingerprint: fingerprint })
  return { Token, ExpiresAt: expiresAt.toISOString(), LinkPort: open.port }
}

async function revoke(
  { Link, AgentId }: RevokeLinkAgentRequest,
  context: WriteContext,
): Promise<RevokeLinkAgentResponse> {
  const VpcLinkId = (await requireAgentLink(context, Link)).VpcLinkId!
  const { records, now } = context
  const page = await records.list<LinkAgentRecord>(LINK_AGENT, VpcLinkId)
  const meant = page.records.filter(({ id }) => AgentId === undefined || id === AgentId)
  if (AgentId !== undefined && meant.length === 0) {
    throw new ServiceError('NotFoundException', `The link has no agent ${AgentId}`)
  }
  const revoked: string[] = []
  for (const { kind, parent, id, body } of meant) {
    if (body.revokedAt !== undefined) continue
    await records.put({ kind, parent, id }, { ...body, revokedAt: now.toISOString() })
    revoked.push(id)
  }
  const TokensRevoked = AgentId === undefined ? await dropTokens(context, VpcLinkId) : 0
  return { VpcLinkId, Revoked: revoked, TokensRevoked }
}

async function dropTokens({ records }: WriteContext, vpcLinkId: string): Promise<number> {
  const page = await records.list(LINK_TOKEN, vpcLinkId)
  for (const { kind, parent, id } of page.records) await records.delete({ kind, parent, id })
  return page.records.length
}

/** By its id, else by its name where only one has it. */
async function requireLink(context: ReadContext, link: string): Promise<VpcLinkRecord> {
  const page = await context.records.list<VpcLinkRecord>('vpc-link', '')
  const named = page.records.filter(({ body }) => body.Name === link)
  const isId = page.records.some(({ id }) => id === link)
  if (isId || named.length === 0) return requireVpcLink(context, link)
  if (named.length === 1) return named[0]!.body
  const ids = named.map(({ id }) => id).join(', ')
  throw new ServiceError('ConflictException', `Several links have the name ${link}: ${ids}`)
}

async function requireAgentLink(context: ReadContext, link: string): Promise<VpcLinkRecord> {
  const record = await requireLink(context, link)
  if ((await reachOf(context, record.VpcLinkId!)) !== undefined) return record
  throw new ServiceError(
    'BadRequestException',
    `Link ${record.VpcLinkId} has no allow-list, so the gateway reaches its network by itself and no agent serves it. Give it one: postern links allow ${record.VpcLinkId} --allow HOST:PORT`,
  )
}

/** What is served without agents is not put behind them under way. */
async function refuseInUse(context: ReadContext, vpcLinkId: string): Promise<void> {
  const [user] = await linkUsers(context, vpcLinkId)
  if (user === undefined) return
  throw new ServiceError(
    'ConflictException',
    `Link ${vpcLinkId} is one without agents and in use by ${user}: make another for agents (postern links create) and lead the integration there`,
  )
}

async function viewOf(context: ReadContext, record: VpcLinkRecord): Promise<LinkView> {
  const id = record.VpcLinkId!
  const { Name = '' } = record
  const reach = await reachOf(context, id)
  const facts = { VpcLinkId: id, Name, Allow: reach?.allow.map(formatAllowance) ?? [] }
  if (reach === undefined) {
    const { status = '', message } = READY
    const condition = { Status: status, StatusMessage: message }
    return { ...facts, ...condition, Reach: 'DIRECT', Tokens: 0, Agents: [] }
  }
  return { ...facts, ...(await agentsOf(context, id)) }
}

async function agentsOf(
  context: ReadContext,
  id: string,
): Promise<Pick<LinkView, 'Reach' | 'Status' | 'StatusMessage' | 'Tokens' | 'Agents'>> {
  const { records, now, linkedAgents } = context
  const agents = (await records.list<LinkAgentRecord>(LINK_AGENT, id)).records
  const tokens = (await records.list<{ expiresAt: string }>(LINK_TOKEN, id)).records
  const known = agents.map(({ body }) => body)
  const condition = conditionOf(known, agentsConnected(context, id), now)
  const connections = linkedAgents?.() ?? []
  return {
    Reach: 'AGENT' as const,
    Status: condition.status ?? '',
    StatusMessage: condition.message,
    Tokens: tokens.filter(({ body }) => Date.parse(body.expiresAt) > now.getTime()).length,
    Agents: known.map((agent) => ({
      AgentId: agent.agentId,
      Label: agent.label,
      EnrolledAt: agent.enrolledAt,
      ...expiryOf(agent, now),
      ...(agent.revokedAt === undefined ? {} : { RevokedAt: agent.revokedAt }),
      Connections: connections.filter(
        (each) => each.vpcLinkId === id && each.agentId === agent.agentId,
      ),
    })),
  }
}

function expiryOf(agent: LinkAgentRecord, now: Date): { CertificateExpiresAt?: string } {
  const expiresAt = goodCertificates(agent, now).at(-1)?.expiresAt
  return expiresAt === undefined ? {} : { CertificateExpiresAt: expiresAt }
}
