/**
 * The main thread's half of VPC links that agents serve: the link port, who may come in, who is there.
 *
 * The port opens with the first such link, and at every later start that finds one; an installation without them has
 * neither port nor authority. Workers hold the connections; what an agent wants to be told (its certificate) they ask
 * for here, because only here is the store.
 */

import { ServiceError } from '../../aws/service-error.ts'
import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/message-of.ts'
import { makeLinkServerCertificate } from '../../certificates/link-certificates.ts'
import type { LinkedAgent } from '../../domain/linked-agent.ts'
import type { LinkFigures } from '../../observability/metrics/metric-table.ts'
import { BACKDATE_MS, ensureLinkAuthority } from '../../services/links/link-authority.ts'
import { StoredLinkIssuer } from '../../services/links/link-issuer.ts'
import { LINK_REACH } from '../../services/links/link-records.ts'
import type { LinkPort, OpenLinkPort } from '../../services/postern/link.ts'
import { INSTALLATION } from '../../storage/store.ts'
import { codeOf } from '../failure.ts'
import { portFailure } from '../ports.ts'
import type { ProgramLog } from '../program-log.ts'
import type { Settings } from '../settings/settings.ts'
import type { StoredApis } from '../stored-apis.ts'
import type { Supervisor } from '../supervisor.ts'
import { LinkCounters } from './link-counters.ts'
import type { LinkAnswer, LinkAsk, LinkedAgents } from './link-messages.ts'
import { linksThatHadAgents, ReturningAgents } from './returning-agents.ts'

export interface LinksParts {
  readonly settings: Pick<Settings, 'link' | 'linkHost'>
  readonly supervisor: Pick<Supervisor, 'listen' | 'tellWorker'>
  readonly workers: number
  readonly apis: Pick<StoredApis, 'store' | 'writes' | 'openSealer'>
  readonly log: ProgramLog
}

/** The port's certificate is made anew at every start and its key kept nowhere: it lives as long as its authority. */
const SERVER_LIFE_MS = 10 * 365 * 86_400_000

export class Links implements LinkPort {
  readonly #parts: LinksParts
  readonly #issuer: StoredLinkIssuer
  readonly #counters = new LinkCounters()
  readonly #agents = new Map<number, readonly LinkedAgent[]>()
  #opening: Promise<OpenLinkPort> | undefined
  #returning = new ReturningAgents(new Set(), 0, 0)

  constructor(parts: LinksParts) {
    this.#parts = parts
    const { store, writes, openSealer: sealer } = parts.apis
    const now = () => new Date(systemClock.epochMs())
    this.#issuer = new StoredLinkIssuer({ store, writes, sealer, now })
  }

  /** Opens the port if there is a link that agents serve. Rejects with a Failure. */
  async begin(): Promise<void> {
    const { apis, settings } = this.#parts
    const links = await apis.store.read((reader) => reader.everywhere(LINK_REACH))
    const { link: port, linkHost: host } = settings
    if (links.length === 0 || port === undefined) return
    const now = new Date(systemClock.epochMs())
    const awaited = await apis.store.read((reader) => linksThatHadAgents(reader, now))
    this.#returning = new ReturningAgents(awaited, this.#parts.workers, systemClock.now())
    try {
      await this.#openOnce(port)
    } catch (thrown) {
      throw portFailure({ setting: 'link', port, host }, codeOf(thrown), messageOf(thrown))
    }
  }

  /** The agents that were here before the start are back, or have had their time. */
  ready(): boolean {
    return this.#returning.areBack(this.connected(), systemClock.now())
  }

  async open(): Promise<OpenLinkPort> {
    const { link: port } = this.#parts.settings
    if (port === undefined) {
      throw unavailable('Agents of VPC links need the link port. Start Postern with --link PORT.')
    }
    try {
      return await this.#openOnce(port)
    } catch (thrown) {
      throw unavailable(
        `The link port ${port} cannot be opened: ${messageOf(thrown)}. Start Postern with --link PORT.`,
      )
    }
  }

  /** Who is connected now, to any worker. */
  connected(): readonly LinkedAgent[] {
    return [...this.#agents.values()].flat()
  }

  /** Of links that agents serve, by id. */
  figures(): ReadonlyMap<string, LinkFigures> {
    const byLink = Map.groupBy(this.connected(), ({ vpcLinkId }) => vpcLinkId)
    const all = [...this.#counters.sums()]
    return new Map(
      all.map(([id, totals]) => [id, { ...figuresOf(byLink.get(id) ?? []), ...totals }]),
    )
  }

  receive(report: LinkAsk | LinkedAgents): void {
    if (report.kind === 'linked-agents') {
      this.#agents.set(report.worker, report.agents)
      this.#counters.receive(report.worker, report.totals)
    } else void this.#answer(report)
  }

  /** The worker is gone, and its connections with it. */
  forget(worker: number): void {
    this.#agents.delete(worker)
    this.#counters.forget(worker)
  }

  async #answer({ worker, askId, request }: LinkAsk): Promise<void> {
    const answer: LinkAnswer = { kind: 'link-answer', askId, outcome: await this.#decide(request) }
    this.#parts.supervisor.tellWorker(worker, answer)
  }

  async #decide(request: LinkAsk['request']): Promise<LinkAnswer['outcome']> {
    const { log } = this.#parts
    const who = `agent ${request.what === 'enrol' ? request.label : request.agentId} of link ${request.vpcLinkId}`
    try {
      const identity =
        request.what === 'enrol'
          ? await this.#issuer.enrol(request)
          : await this.#issuer.renew(request)
      if (request.what === 'enrol') log.info(`${who} has enrolled as ${identity.agentId}`)
      return { identity }
    } catch (thrown) {
      if (thrown instanceof ServiceError) {
        log.warn(`${who} was refused: ${thrown.message}`)
        return { error: thrown.message }
      }
      log.error(`${who} could not be answered: ${messageOf(thrown)}`)
      return { error: 'The gateway cannot issue certificates now; its log says why.' }
    }
  }

  #openOnce(port: number): Promise<OpenLinkPort> {
    this.#opening ??= this.#openNow(port).catch((thrown: unknown) => {
      this.#opening = undefined
      throw thrown
    })
    return this.#opening
  }

  async #openNow(wanted: number): Promise<OpenLinkPort> {
    const { supervisor, settings, log, apis } = this.#parts
    const sealer = await apis.openSealer()
    const caller = { accountId: '', accessKeyId: 'link port', readOnly: false, sourceIp: '' }
    const action = 'postern:CreateLinkAuthority'
    const facts = { scope: INSTALLATION, caller, requestId: '', action }
    const authority = await apis.writes.run(facts, ({ installation, now }) =>
      ensureLinkAuthority(installation, sealer, now),
    )
    const fromEpochMs = systemClock.epochMs() - BACKDATE_MS
    const untilEpochMs = fromEpochMs + SERVER_LIFE_MS
    const pair = makeLinkServerCertificate(authority, { fromEpochMs, untilEpochMs })
    const port = await supervisor.listen({
      scheme: 'link',
      port: wanted,
      host: settings.linkHost,
      tls: { ...pair, authority: authority.certificate },
    })
    log.info(`agents of VPC links may dial in at port ${port} (--link)`)
    return { port, authority: authority.certificate }
  }
}

function figuresOf(connections: readonly LinkedAgent[]) {
  return {
    agents: new Set(connections.map(({ agentId }) => agentId)).size,
    connections: connections.length,
    streams: connections.reduce((sum, { streamsOpen }) => sum + streamsOpen, 0),
    roundTripMs: Math.max(0, ...connections.map(({ roundTripMs }) => roundTripMs)),
  }
}

function unavailable(message: string): ServiceError {
  return new ServiceError('ServiceUnavailableException', message)
}
