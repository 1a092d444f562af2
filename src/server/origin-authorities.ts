/** The file of --origin-ca: looked at once, at the start, so that no origin is refused for a typing error later. */

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { messageOf } from '../base/message-of.ts'
import { failure } from './failure.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** PEM. Throws a Failure. */
export async function readOriginAuthorities(file: string): Promise<string> {
  try {
    const found = (await readFile(file, 'latin1')).match(CERTIFICATE) ?? []
    for (const pem of found) new X509Certificate(pem)
    if (found.length > 0) return found.join('\n')
  } catch (thrown) {
    throw failure(`The file of --origin-ca, ${file}, cannot be used: ${messageOf(thrown)}`)
  }
  throw failure(`The file of --origin-ca, ${file}, has no certificate in PEM`)
}
