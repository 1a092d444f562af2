/**
 * OpenSSL's command, for what only another implementation can prove: that certificates and OCSP are as others read them.
 *
 * `npm test` installs Debian's package where it is missing (`tools/outside-packages.ts`).
 */

import { execFileSync, spawnSync } from 'node:child_process'

export function findOpenSsl(): boolean {
  return spawnSync('openssl', ['version']).status === 0
}

/** Runs it in a folder; throws with what it says when it fails. */
export function openssl(folder: string, ...words: string[]): Buffer {
  return execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
}
