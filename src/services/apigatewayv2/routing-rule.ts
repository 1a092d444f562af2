/**
 * Routing rules of a custom domain name: conditions on header fields and the base path, in the order of their
 * priorities, each leading to a stage. Whether they count is what the domain name's routing mode says.
 *
 * On AWS they lead to REST APIs only; here to every API that is served.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-routingrules.html
 */

import type {
  CreateRoutingRuleRequest,
  CreateRoutingRuleResponse,
  DeleteRoutingRuleRequest,
  GetRoutingRuleRequest,
  GetRoutingRuleResponse,
  ListRoutingRulesRequest,
  ListRoutingRulesResponse,
  PutRoutingRuleRequest,
  PutRoutingRuleResponse,
  RoutingRule,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { requireMappedStage } from './api-mapping.ts'
import { partitionOf } from './arn.ts'
import { refuseDomainNameId } from './domain-name-records.ts'
import { newChildId } from './new-id.ts'
import { notFound, requireRecord } from './not-found.ts'
import { listAll, listPage } from './paging.ts'
import { requireRoomBeside } from './quota.ts'
import type { RoutingRuleRecord } from './records.ts'
import { checkConditions, checkedAction } from './routing-rule-rules.ts'

export const routingRuleOperations = {
  CreateRoutingRule: write<CreateRoutingRuleRequest, CreateRoutingRuleResponse>(createRoutingRule),
  DeleteRoutingRule: write<DeleteRoutingRuleRequest, object>(deleteRoutingRule),
  GetRoutingRule: read<GetRoutingRuleRequest, GetRoutingRuleResponse>(getRoutingRule),
  ListRoutingRules: read<ListRoutingRulesRequest, ListRoutingRulesResponse>(listRoutingRules),
  PutRoutingRule: write<PutRoutingRuleRequest, PutRoutingRuleResponse>(putRoutingRule),
}

/** Where a rule stands, and what only private domain names have. */
interface Place {
  readonly DomainName: string | undefined
  readonly DomainNameId?: string | undefined
}

async function createRoutingRule(
  request: CreateRoutingRuleRequest,
  context: WriteContext,
): Promise<CreateRoutingRuleResponse> {
  const domainName = await requireDomain(context, request)
  const RoutingRuleId = await newChildId(context, 'routing-rule', domainName)
  return put(context, domainName, recordOf(RoutingRuleId, request))
}

/** The whole rule anew. */
async function putRoutingRule(
  request: PutRoutingRuleRequest,
  context: WriteContext,
): Promise<PutRoutingRuleResponse> {
  const { RoutingRuleId } = await requireRule(context, request)
  return put(context, request.DomainName!, recordOf(RoutingRuleId, request))
}

async function getRoutingRule(
  request: GetRoutingRuleRequest,
  context: ReadContext,
): Promise<GetRoutingRuleResponse> {
  return show(context, request.DomainName!, await requireRule(context, request))
}

async function listRoutingRules(
  { MaxResults, NextToken, ...place }: ListRoutingRulesRequest,
  context: ReadContext,
): Promise<ListRoutingRulesResponse> {
  const parent = await requireDomain(context, place)
  const request = { MaxResults: MaxResults?.toString(), NextToken }
  const { Items, ...page } = await listPage<RoutingRuleRecord, RoutingRule>(
    context,
    { kind: 'routing-rule', parent, request },
    (body) => show(context, parent, body),
  )
  return { RoutingRules: Items, ...page }
}

async function deleteRoutingRule(
  request: DeleteRoutingRuleRequest,
  context: WriteContext,
): Promise<object> {
  const { RoutingRuleId: id } = await requireRule(context, request)
  await context.records.delete({ kind: 'routing-rule', parent: request.DomainName!, id })
  return {}
}

async function requireDomain(
  context: ReadContext,
  { DomainName, DomainNameId }: Place,
): Promise<string> {
  refuseDomainNameId(DomainNameId)
  await requireRecord(context, 'domain-name', DomainName)
  return DomainName!
}

async function requireRule(
  context: ReadContext,
  { RoutingRuleId: id, ...place }: Place & { readonly RoutingRuleId: string | undefined },
): Promise<RoutingRuleRecord> {
  const parent = await requireDomain(context, place)
  const key = { kind: 'routing-rule', parent, id: id! }
  const record = await context.records.get<RoutingRuleRecord>(key)
  if (record === undefined) throw notFound('routing-rule', id!)
  return record.body
}

function recordOf(
  RoutingRuleId: string,
  { Actions, Conditions, Priority }: CreateRoutingRuleRequest,
): RoutingRuleRecord {
  checkConditions(Conditions!)
  return {
    RoutingRuleId,
    Priority: Priority!,
    Conditions: Conditions!,
    Actions: [{ InvokeApi: checkedAction(Actions!) }],
  }
}

/** The stage is there, the priority is free on this domain name or the rule's own; a new rule has room. */
async function put(
  context: WriteContext,
  parent: string,
  rule: RoutingRuleRecord,
): Promise<RoutingRule> {
  const { ApiId, Stage } = rule.Actions[0].InvokeApi
  await requireMappedStage(context, { ApiId, Stage })
  const kind = 'routing-rule'
  const all = await listAll<RoutingRuleRecord>(context, { kind, parent })
  const others = all.filter(({ id }) => id !== rule.RoutingRuleId)
  if (others.some(({ body }) => body.Priority === rule.Priority)) {
    throw new ServiceError(
      'ConflictException',
      `A routing rule with the priority ${rule.Priority} already exists for this domain name`,
    )
  }
  const noun = 'routing rules for this domain name'
  requireRoomBeside(context, others.length, { limit: 'routingRulesPerDomain', noun })
  await context.records.put({ kind, parent, id: rule.RoutingRuleId }, rule)
  return show(context, parent, rule)
}

function show({ scope }: ReadContext, domainName: string, rule: RoutingRuleRecord): RoutingRule {
  const { accountId, region } = scope
  const path = `/domainnames/${domainName}/routingrules/${rule.RoutingRuleId}`
  return {
    ...rule,
    Actions: [...rule.Actions],
    Conditions: [...rule.Conditions],
    RoutingRuleArn: `arn:${partitionOf(region)}:apigateway:${region}:${accountId}:${path}`,
  }
}
