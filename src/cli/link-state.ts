/**
 * What an agent of a VPC link keeps, so that it comes back without a token: its key, its certificate, the authority.
 *
 * One file, 0600, replaced by one rename whenever the certificate is renewed. One that others may read is refused: its
 * key may be somebody else's by now.
 */

import { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { messageOf } from '../base/message-of.ts'
import { readIfThere, replaceFile } from '../certificates/pair-file.ts'
import type { LinkIdentity } from '../link/contract.ts'
import { failure } from '../server/failure.ts'

const PRIVATE_MODE = 0o600
const MEMBERS = ['vpcLinkId', 'agentId', 'certificate', 'privateKey', 'authority'] as const

/** Undefined: there is no file yet. Throws a Failure. */
export async function readLinkState(file: string): Promise<LinkIdentity | undefined> {
  const text = await readIfThere(file).catch((thrown: unknown) => {
    throw failure(`${file} cannot be read: ${messageOf(thrown)}`, 'Name another with --state FILE.')
  })
  if (text === undefined) return undefined
  if (((await stat(file)).mode & 0o077) !== 0) {
    throw failure(
      `${file} can be read by others, and it holds the key of this agent`,
      'Revoke the agent (postern links revoke), remove the file and enrol with a new token.',
    )
  }
  const identity = parse(text)
  if (identity !== undefined) return identity
  throw failure(`${file} is no state of an agent`, 'Remove it, and enrol with a new token.')
}

export async function writeLinkState(file: string, identity: LinkIdentity): Promise<void> {
  const members = Object.fromEntries(MEMBERS.map((name) => [name, identity[name]]))
  try {
    await replaceFile(file, `${JSON.stringify(members, undefined, 2)}\n`, PRIVATE_MODE)
  } catch (thrown) {
    throw failure(
      `${file} cannot be written: ${messageOf(thrown)}`,
      'Name another with --state FILE.',
    )
  }
}

/** Whether a gateway would still take it. */
export function isGood({ certificate }: LinkIdentity, epochMs: number): boolean {
  return new X509Certificate(certificate).validToDate.getTime() > epochMs
}

function parse(text: string): LinkIdentity | undefined {
  try {
    const members = JSON.parse(text) as Record<string, unknown>
    if (MEMBERS.some((name) => typeof members[name] !== 'string')) return undefined
    const identity = members as unknown as LinkIdentity
    // Throws for what is no certificate.
    new X509Certificate(identity.certificate)
    return identity
  } catch {
    return undefined
  }
}
