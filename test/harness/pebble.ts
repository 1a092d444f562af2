/**
 * Pebble, Let's Encrypt's ACME server for tests, as other people run it: found on this machine, with a configuration, a
 * certificate and a name server of the test's own.
 *
 * `npm test` installs Debian's package where it is missing (`tools/outside-packages.ts`). Where that is not possible the
 * tests that need it fail and say what to install; nothing is skipped.
 * https://github.com/letsencrypt/pebble
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeAuthority, makeServerCertificate } from '../../src/certificates/certificate.ts'
import { freePorts } from './free-ports.ts'

export interface PebbleOptions {
  /** Where it looks for answers to challenges. */
  readonly httpPort?: number
  readonly tlsPort?: number
  /** Keys by id; accounts need one of them. */
  readonly externalKeys?: Readonly<Record<string, string>>
  readonly validitySeconds?: number
  readonly ocspUrl?: string
  /** Names that it issues nothing for. */
  readonly blocked?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

export interface Pebble {
  readonly directory: string
  readonly port: number
  /** Certificates that its own port is to be trusted by, in PEM. */
  readonly trustFile: string
  readonly trust: string
  /** Ends it; starts another in its place that knows nothing of it. */
  restart(options?: PebbleOptions): Promise<void>
  /** The authority and the one between it and the certificates, in PEM. */
  authorities(): Promise<{ root: string; intermediate: string; intermediateKey: string }>
  /** Everything that it has logged. */
  log(): string
  stop(): Promise<void>
}

export function findPebble(): string | undefined {
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders.map((folder) => join(folder, 'pebble')).find(existsSync)
}

/** A Pebble for one test file; every host name leads to 127.0.0.1. */
export async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
  const command = findPebble()
  if (command === undefined) {
    throw new Error('This test needs Pebble; on Debian: apt-get install pebble')
  }
  const folder = await mkdtemp(join(tmpdir(), 'pebble-'))
  const names = await startNameServer()
  const [port = 0, management = 0] = await freePorts(2)
  const trust = await writeCertificate(folder)
  const place = { command, folder, port, management, dns: names.address().port, trust }
  let running = await start(place, options)
  return {
    directory: `https://localhost:${port}/dir`,
    port,
    trust,
    trustFile: join(folder, 'trust.pem'),
    restart: async (changed = options) => {
      await end(running.child)
      running = await start(place, changed)
    },
    authorities: () => authoritiesOf(place),
    log: () => running.log(),
    stop: async () => {
      await end(running.child)
      names.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Place {
  readonly command: string
  readonly folder: string
  readonly port: number
  readonly management: number
  readonly dns: number
  readonly trust: string
}

async function start(place: Place, options: PebbleOptions) {
  const { httpPort = 1, tlsPort = 1, externalKeys, ocspUrl = '', validitySeconds } = options
  const { blocked: domainBlocklist = [] } = options
  const config = {
    listenAddress: `127.0.0.1:${place.port}`,
    managementListenAddress: `127.0.0.1:${place.management}`,
    certificate: join(place.folder, 'server.pem'),
    privateKey: join(place.folder, 'server.key.pem'),
    httpPort,
    tlsPort,
    ocspResponderURL: ocspUrl,
    domainBlocklist,
    externalAccountBindingRequired: externalKeys !== undefined,
    ...(externalKeys === undefined ? {} : { externalAccountMACKeys: externalKeys }),
    ...(validitySeconds === undefined ? {} : { certificateValidityPeriod: validitySeconds }),
  }
  const file = join(place.folder, 'pebble.json')
  await writeFile(file, JSON.stringify({ pebble: config }))
  const child = spawn(
    place.command,
    ['-config', file, '-strict', '-dnsserver', `127.0.0.1:${place.dns}`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        PEBBLE_VA_NOSLEEP: '1',
        PEBBLE_WFE_NONCEREJECT: '0',
        PEBBLE_AUTHZREUSE: '0',
        ...options.environment,
      },
    },
  )
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
  }
  await untilItAnswers(place, child, () => text)
  return { child, log: () => text }
}

async function untilItAnswers(place: Place, child: ChildProcess, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`Pebble has ended:\n${log()}`)
    try {
      await get(`https://localhost:${place.port}/dir`, place.trust)
      return
    } catch {
      await pause(50)
    }
  }
  throw new Error(`Pebble does not answer:\n${log()}`)
}

async function authoritiesOf({ management, trust }: Place) {
  const read = (path: string) => get(`https://localhost:${management}/${path}`, trust)
  return {
    root: await read('roots/0'),
    intermediate: await read('intermediates/0'),
    intermediateKey: await read('intermediate-keys/0'),
  }
}

function get(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.get(url, { ca, agent: false, family: 4 }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      response.on('end', () => resolve(text))
    })
    request.on('error', reject)
  })
}

async function writeCertificate(folder: string): Promise<string> {
  const from = Date.now() - 3_600_000
  const validity = { fromEpochMs: from, untilEpochMs: from + 86_400_000 }
  const authority = makeAuthority(validity)
  const server = makeServerCertificate(authority, ['localhost'], validity)
  await writeFile(join(folder, 'trust.pem'), authority.certificate)
  await writeFile(join(folder, 'server.pem'), server.certificate)
  await writeFile(join(folder, 'server.key.pem'), server.privateKey)
  return authority.certificate
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const TYPE_A = 1

/** Answers every question for an address with 127.0.0.1, and every other with nothing (RFC 1035 §4). */
async function startNameServer(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    let end = 12
    while (query[end] !== 0 && end < query.length) end += query[end]! + 1
    const question = query.subarray(12, end + 5)
    const wantsAddress = query.readUInt16BE(end + 1) === TYPE_A
    const head = Buffer.from([query[0]!, query[1]!, 0x81, 0x80, 0, 1, 0, wantsAddress ? 1 : 0])
    const address = Buffer.from([0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1])
    const parts = [head, Buffer.alloc(4), question, ...(wantsAddress ? [address] : [])]
    socket.send(Buffer.concat(parts), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
