/**
 * Who an agent of a VPC link is: a token becomes a certificate once, and a certificate that is still good becomes the
 * next one.
 *
 * Runs in the main thread; workers ask over their message port. What does not hold is refused before anything is
 * written, so that a stranger at the link port fills no log of ours; the deciding itself is in the transaction, where
 * two that show the same token come one after the other.
 */

import { X509Certificate } from 'node:crypto'
import { ServiceError } from '../../aws/service-error.ts'
import { assert } from '../../base/assert.ts'
import { makeAgentCertificate } from '../../certificates/link-certificates.ts'
import { publicKeyOfRequest } from '../../certificates/signing-request.ts'
import type {
  EnrolRequest,
  IssuedIdentity,
  LinkIssuer,
  RenewRequest,
} from '../../domain/link-enrolment.ts'
import type { AgentName } from '../../domain/link-token.ts'
import type { Sealer } from '../../identity/installation-key.ts'
import type { Records, Scope, Store } from '../../storage/store.ts'
import type { WriteContext } from '../service.ts'
import type { WriteCalls } from '../write-calls.ts'
import { BACKDATE_MS, linkAuthority } from './link-authority.ts'
import {
  goodCertificates,
  LINK_AGENT,
  LINK_TOKEN,
  type LinkAgentRecord,
  scopeOfLink,
} from './link-records.ts'
import { findToken } from './link-tokens.ts'

const AGENT_ID_LENGTH = 10
/** An agent that cannot come back is forgotten after this. */
const FORGET_MS = 7 * 86_400_000
/** More certificates of one agent at a time: it renews again and again. */
const CERTIFICATES_MAX = 8
const LABEL = /^[A-Za-z0-9._-]{1,64}$/

export interface LinkIssuerParts {
  readonly store: Store
  readonly writes: WriteCalls
  readonly sealer: () => Promise<Sealer>
  readonly now: () => Date
}

export class StoredLinkIssuer implements LinkIssuer {
  readonly #parts: LinkIssuerParts

  constructor(parts: LinkIssuerParts) {
    this.#parts = parts
  }

  async enrol(request: EnrolRequest): Promise<IssuedIdentity> {
    const { vpcLinkId, signingRequest, label } = request
    if (!LABEL.test(label)) throw refused('A label is 1 to 64 letters, digits, dots and dashes.')
    requireKey(signingRequest)
    const { store, now } = this.#parts
    const scope = await store.read(async (reader) => {
      const found = await scopeOfLink(reader, request)
      const token = found && (await findToken(reader.in(found), request, now()))
      return token === undefined ? undefined : found
    })
    if (scope === undefined) throw TOKEN_REFUSED
    return this.#write(scope, 'postern:EnrolLinkAgent', async (context) => {
      const id = await findToken(context.records, request, context.now)
      if (id === undefined) throw TOKEN_REFUSED
      await requireRoomForAgent(context, vpcLinkId)
      await context.records.delete({ kind: LINK_TOKEN, parent: vpcLinkId, id })
      const agent = { vpcLinkId, agentId: context.newId(AGENT_ID_LENGTH) }
      const enrolledAt = context.now.toISOString()
      const record = { agentId: agent.agentId, label, enrolledAt, certificates: [] }
      return this.#issue(context, { agent, record, signingRequest })
    })
  }

  async renew(request: RenewRequest): Promise<IssuedIdentity> {
    const { vpcLinkId, agentId, signingRequest } = request
    requireKey(signingRequest)
    const { store, now } = this.#parts
    const scope = await store.read(async (reader) => {
      const found = await scopeOfLink(reader, request)
      const known = found && (await findAgent(reader.in(found), request, now()))
      return known === undefined ? undefined : found
    })
    if (scope === undefined) throw AGENT_REFUSED
    return this.#write(scope, 'postern:RenewLinkAgent', async (context) => {
      const record = await findAgent(context.records, request, context.now)
      if (record === undefined) throw AGENT_REFUSED
      return this.#issue(context, { agent: { vpcLinkId, agentId }, record, signingRequest })
    })
  }

  async #issue(
    context: WriteContext,
    of: { agent: AgentName; record: LinkAgentRecord; signingRequest: string },
  ): Promise<IssuedIdentity> {
    const { installation, now, settings, records } = context
    const { agent, record } = of
    const authority = await linkAuthority(installation, await this.#parts.sealer())
    assert(authority !== undefined, 'whoever has made a token has made the authority')
    const key = requireKey(of.signingRequest)
    const fromEpochMs = now.getTime() - BACKDATE_MS
    const untilEpochMs = now.getTime() + settings.limits.linkCertificateMs
    const certificate = makeAgentCertificate(
      authority,
      { agent, key },
      { fromEpochMs, untilEpochMs },
    )
    const { serialNumber } = new X509Certificate(certificate)
    const issued = { serialNumber, expiresAt: new Date(untilEpochMs).toISOString() }
    const certificates = [...goodCertificates(record, now), issued]
    const place = { kind: LINK_AGENT, parent: agent.vpcLinkId, id: agent.agentId }
    await records.put(place, { ...record, certificates })
    return { ...agent, certificate, authority: authority.certificate }
  }

  #write<T>(scope: Scope, action: string, work: (context: WriteContext) => Promise<T>): Promise<T> {
    const who = { accessKeyId: 'link agent', readOnly: false, sourceIp: '' }
    const caller = { accountId: scope.accountId, ...who }
    return this.#parts.writes.run({ scope, caller, requestId: '', action }, work)
  }
}

/** Undefined: it is not known, revoked, or the certificate is not one of its own that are good. */
async function findAgent(
  records: Records,
  { vpcLinkId, agentId, serialNumber }: RenewRequest,
  now: Date,
): Promise<LinkAgentRecord | undefined> {
  const key = { kind: LINK_AGENT, parent: vpcLinkId, id: agentId }
  const record = (await records.get<LinkAgentRecord>(key))?.body
  if (record === undefined || record.revokedAt !== undefined) return undefined
  const good = goodCertificates(record, now)
  if (good.length >= CERTIFICATES_MAX) {
    throw refused('The agent has renewed its certificate too often: it may again when some expire.')
  }
  return good.some((each) => each.serialNumber === serialNumber) ? record : undefined
}

/** Those that cannot come back make room. */
async function requireRoomForAgent(
  { records, now, settings }: WriteContext,
  vpcLinkId: string,
): Promise<void> {
  const page = await records.list<LinkAgentRecord>(LINK_AGENT, vpcLinkId)
  let left = 0
  for (const { kind, parent, id, body } of page.records) {
    const forget = now.getTime() - (body.revokedAt === undefined ? FORGET_MS : 0)
    const isGone = body.certificates.every(({ expiresAt }) => Date.parse(expiresAt) <= forget)
    if (isGone) await records.delete({ kind, parent, id })
    else left++
  }
  const { linkAgents } = settings.limits
  if (left >= linkAgents) {
    throw refused(`The link has ${linkAgents} agents already (limit linkAgents).`)
  }
}

function requireKey(signingRequest: string) {
  const key = publicKeyOfRequest(signingRequest)
  if (key === undefined) {
    throw refused('The signing request is not for a P-256 key that has signed it.')
  }
  return key
}

function refused(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}

/** One sentence for all: whoever guesses learns nothing. */
const TOKEN_REFUSED = refused(
  'The token is not good: it has been used, it has expired, or there is no such link.',
)
const AGENT_REFUSED = refused(
  'The certificate cannot be renewed: its agent is revoked or not known, or it has expired.',
)
