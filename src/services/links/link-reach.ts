/** The allow-list of a link, which makes it one that agents serve, and whose a link is. */

import { ServiceError } from '../../aws/service-error.ts'
import type { LinkAllowance } from '../../domain/link.ts'
import { newChildId } from '../apigatewayv2/new-id.ts'
import type { ReadContext, WriteContext } from '../service.ts'
import { formatAllowance } from './link-allowance.ts'
import {
  LINK_OWNER,
  LINK_REACH,
  type LinkOwnerRecord,
  type LinkReachRecord,
} from './link-records.ts'

/** Undefined: the gateway reaches its network by itself. */
export async function reachOf(
  { records }: ReadContext,
  vpcLinkId: string,
): Promise<LinkReachRecord | undefined> {
  const key = { kind: LINK_REACH, parent: '', id: vpcLinkId }
  return (await records.get<LinkReachRecord>(key))?.body
}

/** Throws a ServiceError when the list is too long, or when another account has a link of this id. */
export async function putReach(
  context: WriteContext,
  vpcLinkId: string,
  allow: readonly LinkAllowance[],
): Promise<void> {
  const most = context.settings.limits.linkAllowances
  if (allow.length > most) {
    const message = `A link has at most ${most} allowances (limit linkAllowances)`
    throw new ServiceError('BadRequestException', message)
  }
  await ownLink(context, vpcLinkId)
  await context.records.put({ kind: LINK_REACH, parent: '', id: vpcLinkId }, { allow })
}

/** With its tokens and agents. */
export async function deleteReach(context: WriteContext, vpcLinkId: string): Promise<void> {
  await context.records.delete({ kind: LINK_REACH, parent: '', id: vpcLinkId })
  await context.records.deleteChildren(vpcLinkId)
  await context.installation.delete(ownerKey(vpcLinkId))
}

/** An id that no link of any account has, noted as this account's. */
export async function newLinkId(context: WriteContext): Promise<string> {
  for (;;) {
    const id = await newChildId(context, 'vpc-link', '')
    if ((await context.installation.get(ownerKey(id))) !== undefined) continue
    await ownLink(context, id)
    return id
  }
}

/** Workers know a link by its id alone. Throws a ServiceError when it is another account's. */
async function ownLink(context: WriteContext, vpcLinkId: string): Promise<void> {
  const { accountId, region } = context.scope
  const key = ownerKey(vpcLinkId)
  const known = await context.installation.get<LinkOwnerRecord>(key)
  if (known === undefined) {
    await context.installation.put(key, { scope: { accountId, region } })
  } else if (known.body.scope.accountId !== accountId || known.body.scope.region !== region) {
    throw new ServiceError('ConflictException', `The id ${vpcLinkId} is taken: make another link`)
  }
}

function ownerKey(id: string) {
  return { kind: LINK_OWNER, parent: '', id }
}

/** `before` without what `remove` names and with what `add` names that it does not have. Throws for what is not there. */
export function changedAllowances(
  before: readonly LinkAllowance[],
  {
    add,
    remove,
  }: { readonly add: readonly LinkAllowance[]; readonly remove: readonly LinkAllowance[] },
): LinkAllowance[] {
  const byText = new Map(before.map((each) => [formatAllowance(each), each]))
  for (const each of remove) {
    const text = formatAllowance(each)
    if (byText.delete(text)) continue
    throw new ServiceError('NotFoundException', `The link does not allow ${text}`)
  }
  for (const each of add) byText.set(formatAllowance(each), each)
  return [...byText.values()]
}
