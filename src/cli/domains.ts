/**
 * `postern domains`: custom domain names, where they lead, the DNS records that they need and whether those are there.
 */

import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { ApiMapping, DomainName } from '@aws-sdk/client-apigatewayv2'
import { failure } from '../server/failure.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { type ControlClient, connect } from './control-client.ts'
import {
  checkRecords,
  type DnsRecord,
  type DnsState,
  type LookUp,
  recordsFor,
  stateText,
} from './dns-records.ts'
import { printable, renderTable } from './text-table.ts'

const LOOK_UP = { timeout: 2_000, tries: 2 }
/** What a name server says of a name that has no such record. */
const NO_RECORD = ['ENODATA', 'ENOTFOUND']
const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$/i

interface ListedDomain {
  readonly domainName: string
  readonly certificateArn: string | undefined
  readonly routingMode: string | undefined
  readonly mappings: readonly Pick<ApiMapping, 'ApiMappingKey' | 'ApiId' | 'Stage'>[]
  readonly records: readonly DnsRecord[]
  readonly dns: DnsState
}

export async function domains({ settings, operands, terminal }: CommandInput): Promise<number> {
  const places = placesOf(operands)
  const client = await connect(settings, terminal.environment)
  const lookUp = resolving()
  const list: ListedDomain[] = []
  for (const domain of await allDomains(client)) {
    list.push(await listed(client, domain, { places, lookUp }))
  }
  if (settings.json) printJson(terminal, { domains: list })
  else printLines(terminal, linesOf(list))
  return list.some(({ dns }) => dns.state !== 'ok' && dns.state !== 'local') ? 1 : 0
}

/** Where clients reach the gateway. */
function placesOf(operands: readonly string[]): readonly string[] {
  if (operands.length === 0) return ownAddresses()
  const names = operands.filter((operand) => isIP(operand) === 0)
  const bad = names.find((name) => !HOST_NAME.test(name))
  if (bad !== undefined) throw failure(`${bad} is neither an address nor a host name.`)
  if (names.length > 0 && operands.length > 1) {
    throw failure('A name has one CNAME record and nothing beside it.', 'Name one, or addresses.')
  }
  return operands
}

function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const outside = all.filter(({ internal, scopeid }) => !internal && (scopeid ?? 0) === 0)
  return outside.map(({ address }) => address)
}

async function listed(
  client: ControlClient,
  { DomainName: domainName = '', DomainNameConfigurations = [], RoutingMode }: DomainName,
  { places, lookUp }: { readonly places: readonly string[]; readonly lookUp: LookUp },
): Promise<ListedDomain> {
  const mappings = await allMappings(client, domainName)
  return {
    domainName,
    certificateArn: DomainNameConfigurations[0]?.CertificateArn,
    routingMode: RoutingMode,
    mappings: mappings.map(({ ApiMappingKey, ApiId, Stage }) => ({ ApiMappingKey, ApiId, Stage })),
    records: recordsFor(domainName, places),
    dns: await checkRecords(domainName, places, lookUp),
  }
}

async function allDomains(client: ControlClient): Promise<readonly DomainName[]> {
  return allPages((next) => client.gateway('GetDomainNames', next))
}

async function allMappings(
  client: ControlClient,
  DomainName: string,
): Promise<readonly ApiMapping[]> {
  return allPages((next) => client.gateway('GetApiMappings', { DomainName, ...next }))
}

interface Page<T> {
  readonly Items?: readonly T[] | undefined
  readonly NextToken?: string | undefined
}

async function allPages<T>(
  read: (next: { NextToken?: string }) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = []
  let next: { NextToken?: string } | undefined = {}
  while (next !== undefined) {
    const page: Page<T> = await read(next)
    items.push(...(page.Items ?? []))
    next = page.NextToken === undefined ? undefined : { NextToken: page.NextToken }
  }
  return items
}

/** Asks the name servers of this machine, and not its own list of hosts. */
function resolving(): LookUp {
  const resolver = new Resolver(LOOK_UP)
  const askFor = async (ask: Promise<readonly string[]>): Promise<readonly string[]> => {
    try {
      return await ask
    } catch (error) {
      if (NO_RECORD.includes((error as NodeJS.ErrnoException).code ?? '')) return []
      throw error
    }
  }
  return async (name) => [
    ...(await askFor(resolver.resolve4(name))),
    ...(await askFor(resolver.resolve6(name))),
  ]
}

function linesOf(list: readonly ListedDomain[]): string[] {
  if (list.length === 0) return ['There is no custom domain name.']
  const table = renderTable(
    ['DOMAIN NAME', 'LEADS TO', 'DNS'],
    list.map(({ domainName, mappings, routingMode, dns }) =>
      [domainName, leadText(mappings, routingMode), stateText(dns)].map(printable),
    ),
  )
  const records = list.filter(({ dns }) => dns.state !== 'ok').flatMap((domain) => domain.records)
  if (records.length === 0) return table
  const zone = records.map(
    ({ name, type, value }) => `${name}. 300 IN ${type} ${dotted(type, value)}`,
  )
  return [...table, '', 'Records that have to stand in your DNS:', ...zone.map(printable)]
}

function dotted(type: DnsRecord['type'], value: string): string {
  return type === 'CNAME' ? `${value}.` : value
}

function leadText(mappings: ListedDomain['mappings'], routingMode = ''): string {
  const leads = mappings.map(
    ({ ApiMappingKey, ApiId, Stage }) => `/${ApiMappingKey ?? ''} → ${ApiId}/${Stage}`,
  )
  const rules = routingMode.startsWith('ROUTING_RULE') ? ['routing rules'] : []
  const counted = routingMode === 'ROUTING_RULE_ONLY' ? rules : [...rules, ...leads]
  return counted.join(', ') || 'nothing yet'
}
