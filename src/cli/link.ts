/**
 * `postern link`: the private end of a VPC link, as a command: enrols once, serves until a signal, drains.
 *
 * The key never leaves the state file; the token is used up with the first start and ignored by later ones, so that a
 * container may be started again and again with the same arguments.
 */

import { readFile } from 'node:fs/promises'
import os from 'node:os'
import { systemClock } from '../base/clock.ts'
import { messageOf } from '../base/message-of.ts'
import { systemRandom } from '../base/random.ts'
import { TimerWheel } from '../base/timer-wheel.ts'
import { makeSigningRequest } from '../certificates/signing-request.ts'
import { type Limits, limitsOf } from '../domain/limits.ts'
import { parseLinkToken } from '../domain/link-token.ts'
import { startLinkAgent } from '../link/agent.ts'
import type { GatewayAddress, LinkAgentOptions, LinkIdentity } from '../link/contract.ts'
import { enrolAgent } from '../link/enrol.ts'
import { failure, usageFailure } from '../server/failure.ts'
import { linkLimits } from '../server/links/link-limits.ts'
import { createProgramLog, type ProgramLog } from '../server/program-log.ts'
import type { Settings } from '../server/settings/settings.ts'
import { untilShutdown } from '../server/shutdown.ts'
import { readVersion } from '../server/version.ts'
import { parseAllowance } from '../services/links/link-allowance.ts'
import type { CommandInput } from './command.ts'
import { isGood, readLinkState, writeLinkState } from './link-state.ts'

/** A gateway that is being started, or a network that comes up, gets so long. */
const ENROL_ATTEMPTS = 6
const ENROL_PAUSE_MS = 1_000
const STAY_MS = 3_600_000

/** Resolves to the exit code when the agent has ended. */
export async function link({ settings, terminal }: CommandInput): Promise<number> {
  const write = (text: string) => terminal.err(text)
  const log = createProgramLog({ write, json: settings.json, clock: systemClock })
  const gateways = settings.gateway.map(addressOf)
  if (gateways.length === 0) {
    throw usageFailure('Which gateway?', 'Name its link port: --gateway https://HOST:8444')
  }
  const targetTls = await targetTlsOf(settings)
  const label = settings.label ?? labelOf(os.hostname())
  const identity = await identityOf({ settings, gateways, label, log })
  const limits = limitsOf('extended')
  const allow = settings.allow.map(parseAllowance)
  const agent = startLinkAgent({
    ...{ gateways, identity, label, targetTls, makeSigningRequest },
    onIdentity: (renewed) => keep(settings.state, renewed, log),
    allow: allow.length === 0 ? undefined : allow,
    version: readVersion(),
    ...{ timers: new TimerWheel(systemClock), clock: systemClock, random: systemRandom },
    limits: linkLimits(limits),
    log: (line) => log.info(line),
  })
  log.info(
    `agent ${identity.agentId} of link ${identity.vpcLinkId} dials ${settings.gateway.join(', ')}`,
  )
  // Timers of the wheel keep no process alive: one whose gateway is away would end between two dials.
  const staying = setInterval(() => {}, STAY_MS)
  return untilShutdown({
    signals: process,
    drain: () => drain(agent, settings, limits),
    log,
    clock: systemClock,
  }).finally(() => clearInterval(staying))
}

/** False: the time was over before everything was answered. */
async function drain(
  agent: ReturnType<typeof startLinkAgent>,
  { drainTimeout }: Settings,
  limits: Limits,
): Promise<boolean> {
  const timeoutMs = drainTimeout ?? limits.drainTimeoutMs
  const startedMs = systemClock.now()
  await agent.drain(timeoutMs)
  agent.close()
  return systemClock.now() - startedMs < timeoutMs
}

interface Enrolment {
  readonly settings: Settings
  readonly gateways: readonly GatewayAddress[]
  readonly label: string
  readonly log: ProgramLog
}

/** From the state file, else by the token. Throws a Failure. */
async function identityOf(parts: Enrolment): Promise<LinkIdentity> {
  const { token, state } = parts.settings
  const kept = await readLinkState(state)
  const wanted = token === undefined ? undefined : parseLinkToken(token)
  const isOfLink = wanted === undefined || kept?.vpcLinkId === wanted.vpcLinkId
  if (kept !== undefined && isOfLink && isGood(kept, systemClock.epochMs())) return kept
  if (token === undefined) {
    throw kept === undefined
      ? usageFailure('Who is this agent?', 'Enrol it: --token TOKEN, from postern links create.')
      : failure(`The certificate in ${state} has expired`, 'Enrol anew: postern links token NAME')
  }
  const identity = await enrol(parts, token)
  await writeLinkState(state, identity)
  parts.log.info(`enrolled; ${state} keeps the key and needs no token from now on`)
  return identity
}

/** A gateway that says no is not asked again. */
async function enrol({ gateways, label, log }: Enrolment, token: string): Promise<LinkIdentity> {
  for (let attempt = 1; ; attempt++) {
    const gateway = gateways[attempt % gateways.length]!
    try {
      return await enrolAgent({ gateway, makeSigningRequest, label }, token)
    } catch (thrown) {
      const isNetwork = thrown instanceof Error && 'code' in thrown
      if (!isNetwork || attempt >= ENROL_ATTEMPTS) {
        throw failure(
          `The agent cannot enrol at ${gateway.host}:${gateway.port}: ${messageOf(thrown)}`,
          'A token works once and for an hour: postern links token NAME makes another.',
        )
      }
      log.warn(`${gateway.host}:${gateway.port} cannot be reached (${messageOf(thrown)}); again`)
      await new Promise((resolve) => setTimeout(resolve, ENROL_PAUSE_MS))
    }
  }
}

/** An agent goes on with a certificate that it could not write: the old one in the file may still be good for a while. */
function keep(file: string, identity: LinkIdentity, log: ProgramLog): void {
  writeLinkState(file, identity).then(
    () => log.info('the certificate has been renewed'),
    (thrown: unknown) =>
      log.error(`the renewed certificate is lost at the end: ${messageOf(thrown)}`),
  )
}

async function targetTlsOf({ ca, cert, key }: Settings): Promise<LinkAgentOptions['targetTls']> {
  if ((cert === undefined) !== (key === undefined)) {
    throw usageFailure('--cert and --key belong together', 'Give both, or none.')
  }
  return {
    ...(ca === undefined ? {} : { ca: await readPem(ca) }),
    ...(cert === undefined ? {} : { cert: await readPem(cert) }),
    ...(key === undefined ? {} : { key: await readPem(key) }),
  }
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1')
  } catch (thrown) {
    throw failure(`${file} cannot be read: ${messageOf(thrown)}`, 'Is the name right?')
  }
}

function addressOf(text: string): GatewayAddress {
  const { hostname, port } = new URL(text)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 443 : Number(port) }
}

function labelOf(hostname: string): string {
  return hostname.replaceAll(/[^\w.-]/g, '-').slice(0, 64) || 'agent'
}
