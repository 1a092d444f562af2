/** A certificate for names below localhost, and requests over TLS that say one name in the handshake and another in Host. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import tls from 'node:tls'
import { systemClock } from '../../src/base/clock.ts'
import { ensureLocalCertificate } from '../../src/certificates/local-ca.ts'

export interface LocalTls {
  readonly certificate: string
  readonly privateKey: string
  readonly ca: string
}

export async function localTls(t: TestContext): Promise<LocalTls> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'postern-tls-'))
  t.after(() => rm(folder, { recursive: true }))
  const { certificate, privateKey, caFile } = await ensureLocalCertificate(folder, systemClock)
  return { certificate, privateKey, ca: await readFile(caFile, 'utf8') }
}

export interface NamedRequest {
  readonly port: number
  /** Undefined: the handshake names nobody. */
  readonly serverName: string | undefined
  readonly host: string
  readonly path?: string
}

/** Status and body of one GET; the certificate is not looked at. */
export async function getNamed(request: NamedRequest): Promise<{ status: number; body: string }> {
  const { port, serverName, host } = request
  const named = serverName === undefined ? {} : { servername: serverName }
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...named })
  socket.write(`GET ${request.path ?? '/'} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of socket) text += (chunk as Buffer).toString('latin1')
  const [head = '', body = ''] = text.split('\r\n\r\n')
  return { status: Number(head.split(' ', 2)[1]), body }
}
