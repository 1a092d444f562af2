/**
 * `postern links`: VPC links that agents serve: make one, see its agents and what they carry, change what it allows,
 * make tokens, revoke agents. A token is shown once, when it is made.
 */

import { usageFailure } from '../server/failure.ts'
import type { LinkAgentView, LinkTokenAnswer, LinkView } from '../services/postern/link-messages.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { type ControlClient, connect } from './control-client.ts'
import { bytesText, printable, renderTable, timeText } from './text-table.ts'

type Action = (input: CommandInput, client: ControlClient) => Promise<void>

/** With how many operands each takes behind its name, at the most, and which settings it reads. */
const ACTIONS: Readonly<Record<string, { run: Action; operands: number; reads: string }>> = {
  list: { run: list, operands: 0, reads: '' },
  show: { run: show, operands: 1, reads: '' },
  create: { run: create, operands: 1, reads: 'allow' },
  allow: { run: allow, operands: 1, reads: 'allow disallow' },
  token: { run: token, operands: 1, reads: 'expires' },
  revoke: { run: revoke, operands: 2, reads: '' },
  delete: { run: remove, operands: 1, reads: '' },
}

export async function links(input: CommandInput): Promise<number> {
  const [name = 'list', ...operands] = input.operands
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (action === undefined) {
    throw usageFailure(
      `postern links does not know ${printable(name)}`,
      `There are ${Object.keys(ACTIONS).join(', ')}.`,
    )
  }
  if (action.operands > 0 && operands.length === 0) {
    throw usageFailure('Which link?', `Name it: postern links ${name} NAME`)
  }
  const extra = operands[action.operands]
  if (extra !== undefined) {
    throw usageFailure(`postern links ${name} does not know what to do with ${printable(extra)}`)
  }
  checkSettings(name, action.reads, input)
  const client = await connect(input.settings, input.terminal.environment)
  await action.run(input, client)
  return 0
}

/** What would be ignored is refused. */
function checkSettings(name: string, reads: string, { settings }: CommandInput): void {
  for (const setting of ['allow', 'disallow', 'expires'] as const) {
    const value = settings[setting]
    const isGiven = Array.isArray(value) ? value.length > 0 : value !== undefined
    if (isGiven && !reads.split(' ').includes(setting)) {
      throw usageFailure(`--${setting} means nothing to postern links ${name}`)
    }
  }
}

async function list({ settings, terminal }: CommandInput, client: ControlClient): Promise<void> {
  const { Links } = await client.postern('ListLinks', {})
  if (settings.json) printJson(terminal, { links: Links })
  else if (Links.length === 0) {
    printLines(terminal, [
      'There is no link. postern links create NAME --allow HOST:PORT makes one.',
    ])
  } else printLines(terminal, renderTable(LINK_HEADING, Links.map(linkRow)))
}

async function show({ settings, operands, terminal }: CommandInput, client: ControlClient) {
  const link = await client.postern('GetLink', { Link: operands[1]! })
  if (settings.json) printJson(terminal, link)
  else printLines(terminal, linkLines(link))
}

async function create({ settings, operands, terminal }: CommandInput, client: ControlClient) {
  const { allow: Allow } = settings
  const made = await client.postern('CreateLink', { Name: operands[1]!, Allow })
  if (settings.json) printJson(terminal, made)
  else {
    const { VpcLinkId, Name, Allow: allowed } = made
    const reach = allowed.length === 0 ? 'nothing yet (postern links allow)' : allowed.join(', ')
    printLines(terminal, [
      `Link ${printable(Name)} (${VpcLinkId}) allows ${printable(reach)}.`,
      ...tokenLines(made),
    ])
  }
}

async function allow({ settings, operands, terminal }: CommandInput, client: ControlClient) {
  const { allow: Add, disallow: Remove } = settings
  if (Add.length + Remove.length === 0) {
    throw usageFailure('What is to change?', 'Say it with --allow and --disallow HOST:PORT[/PATH]')
  }
  const link = await client.postern('UpdateLinkAllowances', { Link: operands[1]!, Add, Remove })
  if (settings.json) printJson(terminal, link)
  else printLines(terminal, linkLines(link))
}

async function token({ settings, operands, terminal }: CommandInput, client: ControlClient) {
  const { expires } = settings
  const made = await client.postern('CreateLinkToken', {
    Link: operands[1]!,
    ...(expires === undefined ? {} : { ExpiresInSeconds: Math.round(expires / 1_000) }),
  })
  if (settings.json) printJson(terminal, made)
  else printLines(terminal, tokenLines(made))
}

async function revoke({ settings, operands, terminal }: CommandInput, client: ControlClient) {
  const [, Link = '', AgentId] = operands
  const request = { Link, ...(AgentId === undefined ? {} : { AgentId }) }
  const done = await client.postern('RevokeLinkAgent', request)
  if (settings.json) {
    printJson(terminal, done)
    return
  }
  const { Revoked, TokensRevoked } = done
  const agents = Revoked.length === 0 ? 'no agent' : `agents ${Revoked.join(', ')}`
  const tokens = TokensRevoked === 0 ? '' : `; ${TokensRevoked} tokens are no good any more`
  printLines(terminal, [`Revoked: ${printable(agents)}${tokens}.`])
}

async function remove({ settings, operands, terminal }: CommandInput, client: ControlClient) {
  const { VpcLinkId } = await client.postern('DeleteLink', { Link: operands[1]! })
  if (settings.json) printJson(terminal, { deleted: VpcLinkId })
  else
    printLines(terminal, [`The link ${printable(VpcLinkId)} is gone, with its agents and tokens.`])
}

/** The command is for another machine, which knows best by which name it reaches this one. */
function tokenLines({ Token, ExpiresAt, LinkPort }: LinkTokenAnswer): string[] {
  return [
    '',
    'Start an agent inside the private network, where HOST is this machine as seen from there:',
    '',
    `  postern link --gateway https://HOST:${LinkPort} --token ${Token}`,
    '',
    `The token works once, until ${timeText(ExpiresAt)}, and is not shown again.`,
  ]
}

const LINK_HEADING = ['ID', 'NAME', 'REACH', 'STATUS', 'AGENTS', 'STREAMS', 'SENT', 'RECEIVED']

function linkRow(link: LinkView): string[] {
  const { VpcLinkId, Name, Reach, Status, Agents } = link
  const connections = Agents.flatMap((agent) => agent.Connections)
  const connected = Agents.filter((agent) => agent.Connections.length > 0).length
  const sum = (of: 'streamsOpen' | 'bytesSent' | 'bytesReceived') =>
    connections.reduce((total, each) => total + each[of], 0)
  const agents = Reach === 'DIRECT' ? '-' : `${connected} of ${Agents.length}`
  const figures = [String(sum('streamsOpen')), bytesText(sum('bytesSent'))]
  const cells = [
    VpcLinkId,
    Name,
    Reach,
    Status,
    agents,
    ...figures,
    bytesText(sum('bytesReceived')),
  ]
  return cells.map(printable)
}

function linkLines(link: LinkView): string[] {
  const { VpcLinkId, Name, Status, StatusMessage, Allow, Agents, Tokens, Reach } = link
  const reach = Reach === 'DIRECT' ? 'by the networks of the gateway' : 'through agents'
  return [
    ...renderTable(
      [],
      [
        ['link', `${Name} (${VpcLinkId}), reached ${reach}`],
        ['status', `${Status}: ${StatusMessage}`],
        ...(Reach === 'DIRECT' ? [] : [['tokens', `${Tokens} not used yet`]]),
        ...Allow.map((each, i) => [i === 0 ? 'allows' : '', each]),
        ...(Reach === 'AGENT' && Allow.length === 0 ? [['allows', 'nothing']] : []),
      ].map((row) => row.map(printable)),
    ),
    ...(Agents.length === 0 ? [] : ['', ...renderTable(AGENT_HEADING, Agents.flatMap(agentRows))]),
  ]
}

const AGENT_HEADING = [
  ...['AGENT', 'LABEL', 'STATE', 'FROM', 'RTT', 'STREAMS', 'TOTAL', 'SENT', 'RECEIVED'],
]

/** One row a connection; one without figures for an agent that has none. */
function agentRows({ AgentId, Label, RevokedAt, Connections, ...rest }: LinkAgentView): string[][] {
  const state = RevokedAt === undefined ? awayText(rest) : `revoked ${timeText(RevokedAt)}`
  if (Connections.length === 0) return [[AgentId, Label, state].map(printable)]
  return Connections.map((each) =>
    [
      AgentId,
      Label,
      each.draining ? 'draining' : `worker ${each.worker}`,
      each.remoteAddress,
      `${each.roundTripMs.toFixed(1)} ms`,
      String(each.streamsOpen),
      String(each.streamsTotal),
      bytesText(each.bytesSent),
      bytesText(each.bytesReceived),
    ].map(printable),
  )
}

function awayText({ CertificateExpiresAt }: Pick<LinkAgentView, 'CertificateExpiresAt'>): string {
  return CertificateExpiresAt === undefined
    ? 'away; its certificate has expired'
    : `away; may return until ${timeText(CertificateExpiresAt)}`
}
