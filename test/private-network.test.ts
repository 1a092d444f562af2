/**
 * The proof of examples/private-api on three hosts: a public one, the gateway's, and a private one with no way in. What a
 * client without token or certificate, a forged host, a wrong server name, an agent of another link and a target that
 * is not allowed get; what the service sees; and that programs inside come and go without a call being lost.
 *
 * Where `ip netns` does not work there are no such hosts; test/private-api.test.ts shows the scenario on one.
 */

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ApiGatewayV2Client,
  CreateApiMappingCommand,
  CreateDomainNameCommand,
  GetApisCommand,
} from '@aws-sdk/client-apigatewayv2'
import {
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import type { Endpoint } from '../examples/private-api/facts.ts'
import { API_NAME, openFrontDoor } from '../examples/private-api/front-door.ts'
import {
  connectedAgents,
  openPrivateSide,
  type PrivateSide,
} from '../examples/private-api/private-side.ts'
import { Programs } from '../examples/private-api/programs.ts'
import { type MadePool, makePool, USER } from '../examples/private-api/user-pool.ts'
import {
  ADDRESS,
  type HostName,
  type NetworkHosts,
  networkHosts,
  whyNoHosts,
} from './harness/network-hosts.ts'

const skip = whyNoHosts() ?? false

const ROOT = resolve(import.meta.dirname, '..')
const PORTS = {
  ...{ http: 'off', https: '8443', control: '9080' },
  ...{ identity: '9090', link: '8444', storefront: '3001' },
}
/** As the operator's desk reaches it; in tokens it is localhost. */
const IDENTITY_URL = `http://${ADDRESS.gatewayFromDesk}:${PORTS.identity}`

let folder: string
let hosts: NetworkHosts
let programs: Programs
let gateway: ChildProcess
let endpoint: Endpoint
let pool: MadePool
let inside: PrivateSide
let issuer: string
let token: string
const agents: ChildProcess[] = []

before(
  async () => {
    if (skip !== false) return
    folder = await mkdtemp(join(tmpdir(), 'postern-private-network-'))
    hosts = networkHosts()
    programs = new Programs(folder, {
      onGateway: hosts.on('gateway'),
      onInside: hosts.on('private'),
      gatewayAddress: ADDRESS.gatewayFromInside,
      insideAddress: ADDRESS.services,
      settings: [
        ...['--control-host', ADDRESS.gatewayFromDesk, '--identity-host', '0.0.0.0'],
        ...['--workers', '2', '--truststore-folder', join(folder, 'mesh')],
      ],
    })
    gateway = programs.postern(PORTS, 9)
    endpoint = await programs.untilReady()
    pool = await makePool(new CognitoIdentityProviderClient(endpoint), 'http://localhost/')
    issuer = `http://localhost:${PORTS.identity}/${pool.poolId}`
    const keys = `http://${ADDRESS.gatewayFromInside}:${PORTS.identity}/${pool.poolId}`
    const tokens = { issuer, jwksUri: `${keys}/.well-known/jwks.json` }
    inside = await openPrivateSide(programs, { endpoint, tokens, linkPort: PORTS.link })
    agents.push(inside.agent)
    await deploy()
    await openFrontDoor(endpoint)
    token = await signIn()
  },
  { timeout: 90_000 },
)

after(async () => {
  if (skip !== false) return
  programs.end('SIGKILL')
  await hosts.close()
  await rm(folder, { recursive: true })
})

/** With another integration besides, when one is given. */
async function deploy(more = ''): Promise<void> {
  const template = await readFile(join(ROOT, 'examples/private-api/api.yaml'), 'utf8')
  const text = template
    .replaceAll('{{ISSUER}}', issuer)
    .replaceAll('{{STOREFRONT}}', pool.storefrontId)
    .replaceAll('{{REPORTING}}', pool.reportingId)
    .replaceAll('{{LINK}}', inside.vpcLinkId)
    .replaceAll('{{LISTENER}}', inside.listenerArn)
    // What is limited is shown elsewhere; here callers call as often as they can.
    .replace(/x-postern-limits:[\s\S]*?\n\n/, '')
    .replace('\npaths:\n', `\npaths:\n${more}`)
  const definition = join(folder, 'api.yaml')
  await writeFile(definition, text)
  await programs.command('deploy', definition, '--yes')
}

async function signIn(): Promise<string> {
  const cognito = new CognitoIdentityProviderClient({ region: 'us-east-1', endpoint: IDENTITY_URL })
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      ...{ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: pool.storefrontId },
      AuthParameters: { USERNAME: USER.name, PASSWORD: USER.password },
    }),
  )
  cognito.destroy()
  return AuthenticationResult!.AccessToken!
}

interface Answer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** By curl from the public host, to a name that leads to the gateway. */
async function curl(url: string, ...options: string[]): Promise<Answer> {
  const { hostname, port } = new URL(url)
  const resolved = ['--resolve', `${hostname}:${port}:${ADDRESS.gatewayFromOutside}`]
  const trust = ['--cacert', join(folder, 'certificates/ca.pem')]
  const words = ['curl', '-sSi', '--max-time', '20', ...resolved, ...trust, ...options, url]
  const [head = '', body = ''] = (await hosts.run('public', words)).split(/\r?\n\r?\n/)
  return { status: Number(/^HTTP\/\S+ (\d+)/.exec(head)?.[1]), head, body }
}

/** An address as /proc/net/tcp writes it. */
function inProc(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))
  return bytes.reverse().join('').toUpperCase()
}

const api = `https://${API_NAME}:${PORTS.https}`
const withToken = () => ['-H', `Authorization: Bearer ${token}`]

/** Node's code for why nothing could be connected to; '' when something could. */
async function whyNotReached(from: HostName, host: string, port: number): Promise<string> {
  const script =
    'const s = require("node:net").connect({ host: process.argv[1], port: +process.argv[2], timeout: 2000 });' +
    's.on("connect", () => { console.log(""); s.destroy() }).on("error", (e) => console.log(e.code))' +
    '.on("timeout", () => { console.log("timeout"); s.destroy() })'
  const words = [process.execPath, '-e', script, host, String(port)]
  return (await hosts.run(from, words)).trim()
}

test('a call with a token arrives at the service, rewritten', { skip }, async () => {
  const role = ['-H', 'x-internal-role: admin', '-H', 'x-forwarded-client-cert: Subject="CN=me"']
  const { status, body, head } = await curl(`${api}/api/orders/42`, ...withToken(), ...role)
  assert.equal(status, 200, body)
  const { asked, item } = JSON.parse(body)
  assert.equal(item, 'a towel')
  assert.equal(asked.path, '/private/orders/42')
  assert.equal(asked.client, pool.storefrontId)
  assert.equal(asked.role, undefined)
  assert.match(asked.certificate, /Subject="CN=link agent"/)
  const id = /^apigw-requestid: (\S+)/im.exec(head)![1]!
  const told = await programs.command('explain', id)
  assert.match(told, /inside|link/, told)
  assert.match(told, new RegExp(RegExp.escape(ADDRESS.services)))
})

test('nothing outside reaches the private side', { skip }, async () => {
  const { ingresses } = inside
  for (const { host, port } of ingresses) {
    assert.equal(await whyNotReached('private', host, port), '')
    assert.match(await whyNotReached('gateway', host, port), /ENETUNREACH|EHOSTUNREACH/)
    assert.match(await whyNotReached('public', host, port), /ENETUNREACH|EHOSTUNREACH/)
    assert.equal(await whyNotReached('gateway', ADDRESS.privateHost, port), 'ECONNREFUSED')
  }
  const listening = await hosts.run('private', ['cat', '/proc/net/tcp'])
  // State 0A is LISTEN: the two ingresses at their address, the two services on loopback, and nothing of the agent.
  const places = [...listening.matchAll(/^ *\d+: ([0-9A-F]{8}):[0-9A-F]{4} \S+ 0A /gm)]
  assert.deepEqual(
    places.map(([, address]) => address).toSorted(),
    ['127.0.0.1', '127.0.0.1', ADDRESS.services, ADDRESS.services].map(inProc),
  )
})

test('who may not call is refused at the door', { skip }, async () => {
  assert.equal((await curl(`${api}/api/orders/42`)).status, 401)
  const forged = `${token.slice(0, -8)}AAAAAAAA`
  assert.equal(
    (await curl(`${api}/api/orders/42`, '-H', `Authorization: Bearer ${forged}`)).status,
    401,
  )
  const host = await curl(`${api}/api/orders/42`, ...withToken(), '-H', 'Host: other.example')
  assert.equal(host.status, 421, 'the name of the handshake is another one')
  const stranger = `https://stranger.localhost:${PORTS.https}/api/orders/42`
  assert.equal((await curl(stranger, ...withToken(), '-k')).status, 404)
  const own = `https://${inside.vpcLinkId}.execute-api.localhost:${PORTS.https}/api/orders/42`
  assert.equal((await curl(own, ...withToken(), '-k')).status, 404)
})

test('a name that asks for certificates lets in who shows one of its authority', {
  skip,
}, async () => {
  const DomainName = 'partners.private.localhost'
  const truststore = join(programs.meshFolder, 'ca.pem')
  const v2 = new ApiGatewayV2Client(endpoint)
  const { Items: apis } = await v2.send(new GetApisCommand({}))
  await v2.send(
    new CreateDomainNameCommand({
      DomainName,
      DomainNameConfigurations: [{ EndpointType: 'REGIONAL' }],
      MutualTlsAuthentication: { TruststoreUri: `file://${truststore}` },
    }),
  )
  const mapping = { DomainName, ApiId: apis![0]!.ApiId!, Stage: '$default' }
  await v2.send(new CreateApiMappingCommand(mapping))
  v2.destroy()
  const url = `https://${DomainName}:${PORTS.https}/api/orders/42`
  const shown = (name: string) => [
    ...['--cert', join(programs.meshFolder, `${name}.pem`)],
    ...['--key', join(programs.meshFolder, `${name}.key.pem`)],
  ]
  // The connection ends under curl's hands: while it shakes hands, sends, or waits.
  await assert.rejects(curl(url, ...withToken()), /on public: (35|52|55|56)\n/)
  const forServers = await curl(url, ...withToken(), ...shown('ingress'))
  assert.equal(forServers.status, 403, 'a certificate for servers only')
  assert.equal((await curl(url, ...withToken(), ...shown('agent'))).status, 200)
  assert.equal((await curl(url, ...shown('agent'))).status, 401, 'a certificate is no token')
  const around = await curl(`${api}/api/orders/42`, ...withToken(), '-H', `Host: ${DomainName}`)
  assert.equal(around.status, 421)
})

test('a target that the link does not allow is not reached', { skip }, async () => {
  const [{ port } = { port: 0 }] = inside.ingresses
  await deploy(`  /outside:
    get:
      x-amazon-apigateway-integration:
        type: http_proxy
        httpMethod: GET
        connectionType: VPC_LINK
        connectionId: "${inside.vpcLinkId}"
        uri: http://127.0.0.1:${port}/private/health
        payloadFormatVersion: "1.0"
`)
  const { status } = await curl(`${api}/outside`)
  assert.ok(status >= 500, String(status))
  assert.match(await programs.command('explain', '--last', String(status)), /allow/)
})

test('an agent of another link leads nowhere, and without its own a link is closed', {
  skip,
}, async () => {
  const allow = inside.ingresses.flatMap(({ host, port }) => ['--allow', `${host}:${port}`])
  const made = JSON.parse(await programs.command('links', 'create', 'other', ...allow, '--json'))
  const other = programs.linkAgent(PORTS.link, made.Token)
  await untilAgents('other', 1)
  inside.agent.kill('SIGTERM')
  await once(inside.agent, 'exit')
  await untilAgents('inside', 0)
  const { status } = await curl(`${api}/api/orders/42`, ...withToken())
  assert.ok(status >= 500, String(status))
  await newAgent()
  assert.equal((await curl(`${api}/api/orders/42`, ...withToken())).status, 200)
  other.kill('SIGTERM')
  await once(other, 'exit')
})

test('agents and targets come and go, and no call is lost', { skip }, async () => {
  const caller = hosts.spawn('public', [
    ...[process.execPath, join(ROOT, 'test/harness/steady-caller.ts'), ADDRESS.gatewayFromOutside],
    ...[PORTS.https, API_NAME, '/api/orders/42', token, join(folder, 'certificates/ca.pem')],
  ])
  let said = ''
  caller.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const first = agents.at(-1)
  const second = await newAgent()
  await sleep(500)
  first!.kill('SIGTERM')
  await once(first!, 'exit')
  await sleep(500)
  await newAgent()
  second.kill('SIGKILL')
  await once(second, 'exit')
  await sleep(1_000)
  const [host] = inside.hosts
  host!.kill('SIGKILL')
  await once(host!, 'exit')
  await sleep(2_000)
  caller.kill('SIGTERM')
  await once(caller, 'close')
  const { calls, failures } = JSON.parse(said.trim().split('\n').at(-1)!)
  assert.deepEqual(failures, [])
  assert.ok(calls > 200, String(calls))
})

test('the gateway ends in order: what is under way is answered', { skip }, async () => {
  gateway.kill('SIGTERM')
  const [code] = await once(gateway, 'exit')
  assert.equal(code, 0)
})

async function newAgent(): Promise<ChildProcess> {
  const { Token } = JSON.parse(await programs.command('links', 'token', 'inside', '--json'))
  const before = await connectedAgents(programs, 'inside')
  const agent = programs.linkAgent(PORTS.link, Token)
  agents.push(agent)
  await untilAgents('inside', before + 1)
  return agent
}

async function untilAgents(link: string, count: number): Promise<void> {
  await programs.until(`Link ${link} did not get ${count} agents`, async () =>
    (await connectedAgents(programs, link)) === count ? true : undefined,
  )
}
