/** Which API somebody means: by id, by name, or because there is only one. */

import type { Api } from '@aws-sdk/client-apigatewayv2'
import { failure, usageFailure } from '../server/failure.ts'
import type { ControlClient } from './control-client.ts'
import { printable } from './text-table.ts'

/** An API as every answer describes it. */
export interface NamedApi extends Api {
  readonly ApiId: string
  readonly Name: string
}

/** More names than this are not listed in a message. */
const NAMES_MAX = 10

/** Every API of the account and region. */
export async function listApis(client: ControlClient): Promise<readonly NamedApi[]> {
  const apis: NamedApi[] = []
  let NextToken: string | undefined
  do {
    const page = await client.gateway('GetApis', NextToken === undefined ? {} : { NextToken })
    apis.push(...((page.Items ?? []) as readonly NamedApi[]))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return apis
}

/** The API that a command was given, or the only one. Throws a failure when that is not one API. */
export async function chooseApi(
  client: ControlClient,
  named: string | undefined,
): Promise<NamedApi> {
  const apis = await listApis(client)
  if (named !== undefined) return findApi(apis, named) ?? throwUnknown(apis, named)
  const [first, second] = apis
  if (first === undefined) {
    throw failure('There is no API yet', 'Make one: postern deploy api.yaml')
  }
  if (second === undefined) return first
  throw usageFailure(`Which API? There are ${namesOf(apis)}`, 'Name one by its id or its name.')
}

/** By id, else by name; undefined when there is none. Throws when several have the name. */
export function findApi(apis: readonly NamedApi[], named: string): NamedApi | undefined {
  const byId = apis.find(({ ApiId }) => ApiId === named)
  const [first, second] = byId === undefined ? apis.filter(({ Name }) => Name === named) : [byId]
  if (second === undefined) return first
  throw usageFailure(
    `Several APIs have the name ${printable(named)}`,
    `Name one by its id: ${apis
      .filter(({ Name }) => Name === named)
      .map(({ ApiId }) => ApiId)
      .join(', ')}`,
  )
}

function throwUnknown(apis: readonly NamedApi[], named: string): never {
  const mend =
    apis.length === 0
      ? 'There is none yet; postern deploy makes one.'
      : `There are ${namesOf(apis)}.`
  throw failure(`There is no API with the id or the name ${printable(named)}`, mend)
}

function namesOf(apis: readonly NamedApi[]): string {
  const names = apis
    .slice(0, NAMES_MAX)
    .map(({ ApiId, Name }) => `${printable(Name)} (${ApiId})`)
    .join(', ')
  return apis.length > NAMES_MAX ? `${names} and ${apis.length - NAMES_MAX} more` : names
}
