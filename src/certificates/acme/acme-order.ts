/**
 * One order, from names to a certificate (RFC 8555 §7.1.6, §7.4): authorizations, a challenge each, finalization.
 *
 * Nothing of it outlives it: every challenge that was shown is taken away again, however it ends. The key is made here and
 * leaves only with the certificate. What comes back is looked at before it is believed.
 */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { AcmeChallenge } from '../../domain/acme-challenge.ts'
import type { KeyAlgorithm } from '../certificate-record.ts'
import { newKey } from '../issue-certificate.ts'
import { AcmeError } from './acme-problem.ts'
import type { AcmeAuthorization, AcmeOrder, AcmeSession, OfferedChallenge } from './acme-session.ts'

export type ChallengeType = AcmeChallenge['type']

/** Where challenges are shown: every worker. */
export interface ChallengeBoard {
  /** Resolves when everybody who asks sees it. */
  show(challenge: AcmeChallenge): Promise<void>
  hide(challenge: AcmeChallenge): void
}

export interface OrderParts {
  readonly session: AcmeSession
  readonly board: ChallengeBoard
  /** Those that can be answered here, the one to try first in front. */
  readonly challenges: readonly ChallengeType[]
  readonly clock: Clock
  /** Rejects when the order has to end. */
  readonly pause: (ms: number) => Promise<void>
  /** By then it is over, one way or the other. */
  readonly deadlineMs: number
}

/** What is ordered. */
export interface OrderWish {
  readonly hosts: readonly string[]
  readonly keyAlgorithm: KeyAlgorithm
}

export interface IssuedCertificate {
  /** The certificate and its chain, PEM. */
  readonly certificate: string
  readonly chain: string
  readonly privateKey: string
}

const POLL_FIRST_MS = 100
const POLL_MAX_MS = 5_000
/** RFC 8555 §8.1: base64url, at least 128 bits. */
const TOKEN = /^[\w-]{20,200}$/
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
const CHAIN_MAX = 10

/** Throws AcmeError. */
export async function runOrder(
  parts: OrderParts,
  { hosts, keyAlgorithm }: OrderWish,
): Promise<IssuedCertificate> {
  const { session } = parts
  const opened = await session.newOrder(hosts)
  for (const url of opened.authorizations) await authorize(parts, hosts, url)
  const ready = await poll(parts, () => session.order(opened), isSettled)
  if (ready.status === 'invalid') throw orderError(ready)
  const key = await newKey(keyAlgorithm)
  const privateKey = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const finalized = await session.finalize(ready, hosts, privateKey)
  const done = await poll(parts, () => session.order(finalized), isOver)
  if (done.status !== 'valid') throw orderError(done)
  return checked(await session.certificate(done), { hosts, privateKey, clock: parts.clock })
}

const isSettled = ({ status }: AcmeOrder) => status === 'ready' || isOver({ status })
const isOver = ({ status }: Pick<AcmeOrder, 'status'>) => status === 'valid' || status === 'invalid'

async function authorize(parts: OrderParts, hosts: readonly string[], url: string): Promise<void> {
  const authorization = await parts.session.authorization(url)
  if (authorization.status === 'valid') return
  const { host, status } = authorization
  if (!hosts.includes(host)) {
    throw new AcmeError(`ACME server: asks about a name that is not in the order`, {
      fault: 'transient',
    })
  }
  if (status !== 'pending') throw challengeError(authorization)
  const offered = choose(parts.challenges, authorization)
  const shown = await makeChallenge(parts.session, host, offered)
  try {
    await parts.board.show(shown)
    await parts.session.accept(offered)
    const after = await poll(parts, () => parts.session.authorization(url), isDecided)
    if (after.status !== 'valid') throw challengeError(after)
  } finally {
    parts.board.hide(shown)
  }
}

const isDecided = ({ status }: AcmeAuthorization) => status !== 'pending'

function choose(
  wanted: readonly ChallengeType[],
  { host, challenges }: AcmeAuthorization,
): OfferedChallenge {
  for (const type of wanted) {
    const found = challenges.find((each) => each.type === type && TOKEN.test(each.token))
    if (found !== undefined) return found
  }
  const offered = challenges.map(({ type }) => type).join(', ')
  throw new AcmeError(
    `the authority offers ${offered || 'no challenge'} for ${host}, and this gateway answers ${wanted.join(', ') || 'none'}`,
    { fault: 'refused', reason: 'DOMAIN_VALIDATION_DENIED' },
  )
}

async function makeChallenge(
  session: AcmeSession,
  host: string,
  offered: OfferedChallenge,
): Promise<AcmeChallenge> {
  const keyAuthorization = await session.keyAuthorization(offered)
  if (offered.type === 'http-01') {
    return { type: 'http-01', host, token: offered.token, keyAuthorization }
  }
  const pair = await session.challengeCertificate(host, keyAuthorization)
  return { type: 'tls-alpn-01', host, ...pair }
}

async function poll<T>(
  { clock, pause, deadlineMs }: OrderParts,
  read: () => Promise<T>,
  isDone: (state: T) => boolean,
): Promise<T> {
  for (let waitMs = POLL_FIRST_MS; ; waitMs = Math.min(waitMs * 2, POLL_MAX_MS)) {
    const state = await read()
    if (isDone(state)) return state
    if (clock.now() + waitMs > deadlineMs) {
      throw new AcmeError('the authority has not decided in time', { fault: 'transient' })
    }
    await pause(waitMs)
  }
}

function challengeError({ host, status, challenges }: AcmeAuthorization): AcmeError {
  const error = challenges.find((each) => each.error !== undefined)?.error
  const facts = { fault: error?.fault ?? 'transient', reason: 'DOMAIN_VALIDATION_DENIED' } as const
  return new AcmeError(`${host}: ${error?.message ?? `its authorization is ${status}`}`, {
    ...facts,
    ...(error === undefined ? {} : { reason: error.reason }),
  })
}

function orderError({ status, error }: AcmeOrder): AcmeError {
  return error ?? new AcmeError(`the order is ${status}`, { fault: 'transient' })
}

interface Expected {
  readonly hosts: readonly string[]
  readonly privateKey: string
  readonly clock: Clock
}

function checked(text: string, { hosts, privateKey, clock }: Expected): IssuedCertificate {
  const [certificate, ...chain] = text.match(PEM) ?? []
  if (certificate === undefined || chain.length > CHAIN_MAX) throw unusable('it is no PEM chain')
  const leaf = readCertificate(certificate)
  if (!leaf.checkPrivateKey(createPrivateKey(privateKey))) throw unusable('it has another key')
  const missing = hosts.find((host) => leaf.checkHost(host) === undefined)
  if (missing !== undefined) throw unusable(`it does not name ${missing}`)
  if (leaf.validToDate.getTime() <= clock.epochMs()) throw unusable('it has expired')
  return {
    certificate: `${certificate}\n`,
    chain: chain.map((each) => `${each}\n`).join(''),
    privateKey,
  }
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw unusable('it cannot be read')
  }
}

function unusable(why: string): AcmeError {
  return new AcmeError(`the authority has sent a certificate that is of no use: ${why}`, {
    fault: 'transient',
  })
}
