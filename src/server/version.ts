/** The version of this package, from its package.json. */

import { readFileSync } from 'node:fs'
import { assert } from '../base/assert.ts'

/** `0.1.0`. The file stands two folders up from here, in a checkout and in a published package. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version?: unknown }
  assert(typeof version === 'string', 'package.json has a version')
  return version
}
