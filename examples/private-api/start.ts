/**
 * `npm run -s example:private-api`: a private service, Postern in front of it with a user pool of its own, a shop that signs
 * people in, and the commands to try. One command starts all of it, Ctrl-C ends it and nothing stays but the data folder.
 *
 * Flags after `--` are ports (`--http 8081`) and `--data DIR`, which is emptied first.
 */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { isForUsAlone, onEnd } from '../on-end.ts'
import { collector } from './collector.ts'
import { type Facts, PORTS, type Ports } from './facts.ts'
import { ordersService } from './orders-service.ts'
import { storefront } from './storefront.ts'
import { DOMAIN, type MadePool, makePool, USER } from './user-pool.ts'
import { wordsToTry } from './words-to-try.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const READY_WITHIN_MS = 30_000

/** One line of JSON for each call: who, what, how long, and why not. */
const ACCESS_LOG = JSON.stringify({
  ...{ time: '$context.requestTime', id: '$context.requestId', trace: '$context.xrayTraceId' },
  ...{
    client: '$context.authorizer.claims.client_id',
    user: '$context.authorizer.claims.username',
  },
  ...{ route: '$context.routeKey', path: '$context.path', status: '$context.status' },
  ...{ ms: '$context.responseLatency', serviceMs: '$context.integration.latency' },
  refused: '$context.authorizer.error',
})

const { values: flags } = parseArgs({
  options: {
    ...{ http: option('http'), https: option('https'), control: option('control') },
    ...{ identity: option('identity'), storefront: option('storefront') },
    data: { type: 'string', default: join(ROOT, '.postern/private-api') },
  },
})

function option(name: keyof Ports) {
  return { type: 'string', default: PORTS[name] } as const
}

async function main({ data, ...ports }: typeof flags): Promise<number> {
  const taken = await takenPorts(ports)
  if (taken.length > 0) {
    console.error(`In use: ${taken.join(', ')}. Choose others: npm run -s example:private-api -- …`)
    return 1
  }
  rmSync(data, { recursive: true, force: true })
  mkdirSync(data, { recursive: true })
  const servers = [ordersService(), collector(console.log)]
  const [service, traces] = await Promise.all(servers.map((server) => listen(server, '0')))
  const postern = startPostern(data, ports, traces!)
  let asked = false
  onEnd((signal) => {
    asked = true
    if (isForUsAlone(signal)) postern.kill(signal)
  })
  const ended = once(postern, 'exit').then(([code]) => Number(code ?? 1))
  let failed = false
  const made = setUp({ data, ports, service: service! }, servers).catch((error) => {
    failed = !asked
    if (failed) console.error(error)
    postern.kill('SIGTERM')
  })
  await Promise.race([ended, made])
  const code = await ended
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  if (failed) return 1
  return asked ? 0 : code
}

interface Place {
  readonly data: string
  readonly ports: Ports
  /** The port of the service. */
  readonly service: number
}

/** With Postern running: the pool, the API, the shop, and what to do with them. */
async function setUp({ data, ports, service }: Place, servers: Server[]): Promise<void> {
  const endpoint = await untilReady(ports.control, data)
  const callbackUrl = `http://localhost:${ports.storefront}/callback`
  const cognito = new CognitoIdentityProviderClient(endpoint)
  const pool = await makePool(cognito, callbackUrl)
  const identityUrl = `http://localhost:${ports.identity}`
  const facts: Facts = { ...pool, identityUrl, user: USER }
  writeFileSync(join(data, 'example.json'), JSON.stringify(facts))
  const definition = join(data, 'api.yaml')
  const issuer = `${identityUrl}/${pool.poolId}`
  writeFileSync(definition, definitionFor(pool, issuer))
  const variable = ['--stage-variable', `service=127.0.0.1:${service}`]
  await command('deploy', definition, '--yes', '--data', data, ...variable)
  const shop = storefront({
    ...{ signInUrl: `http://${DOMAIN}.auth.localhost:${ports.identity}`, issuer },
    ...{ clientId: pool.storefrontId, callbackUrl, apiUrl: `http://localhost:${ports.http}` },
  })
  servers.push(shop)
  await listen(shop, ports.storefront)
  console.log(wordsToTry(ports, facts, data))
}

function definitionFor({ storefrontId, reportingId }: MadePool, issuer: string): string {
  return readFileSync(join(import.meta.dirname, 'api.yaml'), 'utf8')
    .replaceAll('{{ISSUER}}', issuer)
    .replaceAll('{{STOREFRONT}}', storefrontId)
    .replaceAll('{{REPORTING}}', reportingId)
}

function startPostern(data: string, ports: Ports, traces: number) {
  const words = ['--data', data, '--http', ports.http, '--https', ports.https]
  words.push('--control', ports.control, '--identity', ports.identity, '--drain-timeout', '2s')
  words.push('--access-log', ACCESS_LOG)
  words.push('--trace', '1', '--otlp-endpoint', `http://127.0.0.1:${traces}`)
  return spawn(process.execPath, ['src/main.ts', 'up', ...words], { cwd: ROOT, stdio: 'inherit' })
}

/** Resolves to where the SDK finds it, which the data folder says a moment after the control port does. */
async function untilReady(control: string, data: string) {
  const until = performance.now() + READY_WITHIN_MS
  while (performance.now() < until) {
    const answer = await fetch(`http://localhost:${control}/readyz`).catch(() => undefined)
    await answer?.body?.cancel()
    const found = answer?.status === 200 ? await endpointOf(data).catch(() => undefined) : undefined
    if (found !== undefined) return found
    await sleep(20)
  }
  throw new Error(`Postern was not ready within ${READY_WITHIN_MS / 1_000} seconds.`)
}

/** As `eval "$(postern env)"` hands it to the AWS tools. */
async function endpointOf(data: string) {
  const env = JSON.parse(await command('env', '--json', '--data', data)) as Record<string, string>
  return {
    endpoint: env['AWS_ENDPOINT_URL']!,
    region: env['AWS_REGION']!,
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID']!,
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY']!,
    },
  }
}

async function command(...words: string[]): Promise<string> {
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['src/main.ts', ...words], { cwd: ROOT })
  return stdout
}

async function listen(server: Server, port: string): Promise<number> {
  server.listen(Number(port), '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function takenPorts(ports: Ports): Promise<string[]> {
  const asked = Object.entries(ports).map(async ([name, port]) => {
    if (!(Number(port) > 0)) return []
    const socket = connect({ port: Number(port), host: '127.0.0.1' })
    const isTaken = await new Promise<boolean>((told) => {
      socket.on('connect', () => told(true)).on('error', () => told(false))
    })
    socket.destroy()
    return isTaken ? [`--${name} ${port}`] : []
  })
  return (await Promise.all(asked)).flat()
}

process.exitCode = await main(flags)
