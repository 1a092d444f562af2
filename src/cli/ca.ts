/**
 * `postern ca`: the authorities of this installation, from its data folder; `postern ca trust` says how clients come to
 * trust one.
 */

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../base/message-of.ts'
import { codeOf, failure, usageFailure } from '../server/failure.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { printable, renderTable } from './text-table.ts'
import { trustLines } from './trust-guide.ts'

export interface Authority {
  readonly name: 'local' | 'private'
  /** Of its certificate, absolute. */
  readonly file: string
  readonly signsFor: string
  readonly fingerprint: string
  readonly expires: string
}

const AUTHORITIES = [
  {
    name: 'local',
    base: 'ca.pem',
    signsFor: 'localhost, names under it, and loopback addresses: nothing else',
    comes: 'It is made with the first start of postern up that has an HTTPS port.',
  },
  {
    name: 'private',
    base: 'private-ca.pem',
    signsFor: 'any name',
    comes:
      'It is made with the first certificate that is asked of it (aws acm request-certificate --certificate-authority-arn).',
  },
] as const

export async function ca(input: CommandInput): Promise<number> {
  const [action, name = 'local'] = input.operands
  if (action === undefined) return list(input)
  if (action !== 'trust') {
    throw usageFailure(`postern ca does not know ${printable(action)}`, 'There is trust.')
  }
  const wanted = AUTHORITIES.find((each) => each.name === name)
  if (wanted === undefined) {
    throw usageFailure(`There is no authority ${printable(name)}`, 'There are local and private.')
  }
  const authority = await readAuthority(input.settings.data, wanted)
  if (authority === undefined) {
    throw failure(`There is no ${name} authority in ${input.settings.data}`, wanted.comes)
  }
  if (input.settings.json) printJson(input.terminal, authority)
  else printLines(input.terminal, trustLines(authority))
  return 0
}

async function list({ settings, terminal }: CommandInput): Promise<number> {
  const found = await Promise.all(AUTHORITIES.map((each) => readAuthority(settings.data, each)))
  const authorities = found.filter((each) => each !== undefined)
  if (settings.json) {
    printJson(terminal, { authorities })
    return 0
  }
  const lines = AUTHORITIES.flatMap(({ name, comes }, i) => {
    const authority = found[i]
    return authority === undefined ? [`${name}: there is none. ${comes}`, ''] : linesOf(authority)
  })
  printLines(terminal, [...lines, 'postern ca trust [local|private] says how clients trust one.'])
  return 0
}

function linesOf({ name, file, signsFor, fingerprint, expires }: Authority): string[] {
  const rows = [
    ['  file', file],
    ['  SHA-256', fingerprint],
    ['  expires', expires.slice(0, 10)],
    ['  signs for', signsFor],
  ]
  return [name, ...renderTable([], rows), '']
}

/** Undefined: it has not been made. */
async function readAuthority(
  folder: string,
  { name, base, signsFor }: (typeof AUTHORITIES)[number],
): Promise<Authority | undefined> {
  const file = path.resolve(folder, 'certificates', base)
  try {
    const certificate = new X509Certificate(await readFile(file))
    const expires = certificate.validToDate.toISOString()
    return { name, file, signsFor, fingerprint: certificate.fingerprint256, expires }
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined
    throw failure(
      `${file} cannot be read: ${messageOf(thrown)}`,
      'Remove it: the next start of Postern writes it anew.',
    )
  }
}
