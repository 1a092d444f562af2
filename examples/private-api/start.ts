/**
 * `npm run -s example:private-api`: services that nobody outside reaches, and the way that some of them get: a domain name with
 * its certificate, Postern with a user pool, a link that was dialled from inside, a load balancer, a mesh that asks for
 * certificates. One command starts all of it, Ctrl-C ends it and nothing stays but the data folder.
 *
 * Flags after `--` are ports (`--http 8081`) and `--data DIR`, which is emptied first.
 */

import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { isForUsAlone, onEnd } from '../on-end.ts'
import { collector } from './collector.ts'
import { type Facts, PORTS, type Ports } from './facts.ts'
import { openFrontDoor } from './front-door.ts'
import { openPrivateSide, type PrivateSide } from './private-side.ts'
import { Programs } from './programs.ts'
import { storefront } from './storefront.ts'
import { DOMAIN, type MadePool, makePool, USER } from './user-pool.ts'
import { wordsToTry } from './words-to-try.ts'

const ROOT = resolve(import.meta.dirname, '../..')

const { values: flags } = parseArgs({
  options: {
    ...{ http: option('http'), https: option('https'), control: option('control') },
    ...{ identity: option('identity'), link: option('link'), storefront: option('storefront') },
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
  const servers = [collector(console.log)]
  const traces = await listen(servers[0]!, '0')
  const programs = new Programs(data)
  const postern = programs.postern(ports, traces)
  let asked = false
  onEnd((signal) => {
    asked = true
    if (isForUsAlone(signal)) programs.end(signal)
  })
  const ended = once(postern, 'exit').then(([code]) => Number(code ?? 1))
  let failed = false
  const made = setUp({ data, ports, programs }, servers).catch((error) => {
    failed = !asked
    if (failed) console.error(error)
    programs.end('SIGTERM')
  })
  await Promise.race([ended, made])
  const code = await ended
  programs.end('SIGTERM')
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
  readonly programs: Programs
}

/** With Postern running: the pool, the private side, the API, its name, the shop, and what to do with them. */
async function setUp({ data, ports, programs }: Place, servers: Server[]): Promise<void> {
  const endpoint = await programs.untilReady()
  const callbackUrl = `http://localhost:${ports.storefront}/callback`
  const cognito = new CognitoIdentityProviderClient(endpoint)
  const pool = await makePool(cognito, callbackUrl)
  const identityUrl = `http://localhost:${ports.identity}`
  const facts: Facts = { ...pool, identityUrl, user: USER }
  writeFileSync(join(data, 'example.json'), JSON.stringify(facts))
  const issuer = `${identityUrl}/${pool.poolId}`
  const tokens = { issuer, jwksUri: `${issuer}/.well-known/jwks.json` }
  const inside = await openPrivateSide(programs, { endpoint, tokens, linkPort: ports.link })
  const definition = join(data, 'api.yaml')
  writeFileSync(definition, definitionFor(pool, issuer, inside))
  await programs.command('deploy', definition, '--yes')
  await openFrontDoor(endpoint)
  const shop = storefront({
    ...{ signInUrl: `http://${DOMAIN}.auth.localhost:${ports.identity}`, issuer },
    ...{ clientId: pool.storefrontId, callbackUrl },
    api: { port: Number(ports.https), caFile: join(data, 'certificates/ca.pem') },
  })
  servers.push(shop)
  await listen(shop, ports.storefront)
  console.log(wordsToTry(ports, facts, data))
}

function definitionFor(
  { storefrontId, reportingId }: MadePool,
  issuer: string,
  { vpcLinkId, listenerArn }: PrivateSide,
): string {
  return readFileSync(join(import.meta.dirname, 'api.yaml'), 'utf8')
    .replaceAll('{{ISSUER}}', issuer)
    .replaceAll('{{STOREFRONT}}', storefrontId)
    .replaceAll('{{REPORTING}}', reportingId)
    .replaceAll('{{LINK}}', vpcLinkId)
    .replaceAll('{{LISTENER}}', listenerArn)
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
