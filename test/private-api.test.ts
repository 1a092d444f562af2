/**
 * examples/private-api as a newcomer meets it: one command, and then what it prints, typed into a shell and a browser. The
 * whole reference scenario, on one host; test/private-network.test.ts has it on three.
 */

import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import {
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { type ApiAddress, callApi } from '../examples/private-api/call-api.ts'
import type { Facts } from '../examples/private-api/facts.ts'
import { openPage } from './harness/browser.ts'
import { freePorts } from './harness/free-ports.ts'

const ROOT = resolve(import.meta.dirname, '..')
const LAST_WORDS = 'Ctrl-C here ends everything'
const WITHIN_MS = 60_000

let folder: string
let child: ChildProcess
let output = ''
let facts: Facts
let api: ApiAddress
let shop: string
/** What is printed to try, by its number. */
const steps = new Map<string, string>()

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-private-api-'))
  const names = ['https', 'control', 'identity', 'storefront', 'link'] as const
  const ports = await freePorts(names.length)
  const flags = names.flatMap((name, i) => [`--${name}`, `${ports[i]}`])
  const words = ['examples/private-api/start.ts', ...flags, '--data', folder]
  child = spawn(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  await until(() => output.includes(LAST_WORDS))
  api = { port: ports[0]!, caFile: join(folder, 'certificates/ca.pem') }
  shop = `http://localhost:${ports[3]}/`
  facts = JSON.parse(await readFile(join(folder, 'example.json'), 'utf8')) as Facts
  for (const part of output
    .slice(0, output.indexOf(LAST_WORDS))
    .split(/^(?=\d\. )/m)
    .slice(1)) {
    steps.set(part[0]!, part.slice(part.indexOf('\n')))
  }
})

after(async () => {
  child.kill('SIGKILL')
  await rm(folder, { recursive: true })
})

/** Until the example has said enough. */
async function until(isEnough: () => boolean): Promise<void> {
  const end = AbortSignal.timeout(WITHIN_MS)
  while (!isEnough()) {
    assert.equal(child.exitCode, null, `the example has ended:\n${output}`)
    assert.ok(!end.aborted, `not within ${WITHIN_MS} ms:\n${output}`)
    await new Promise((told) => setTimeout(told, 20))
  }
}

/** What a shell prints to whom types the commands of these steps. */
async function typed(...numbers: string[]): Promise<string> {
  const prelude = /^ {2}export POSTERN_DATA=.*?\n.*?\n/ms.exec(output)![0]
  const script = [prelude, ...numbers.map((number) => steps.get(number)!)].join('\n')
  const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`
  const shell = await promisify(execFile)('bash', ['-c', script], {
    ...{ cwd: ROOT, env: { ...process.env, PATH } },
  })
  assert.equal(shell.stderr, '')
  return shell.stdout
}

test('a call without a token, one with it, one without the scope, and why', async () => {
  const printed = await typed('1', '2')
  const [without, good, refused] = printed.split(/^HTTP\/2 /m).slice(1)
  assert.match(without!, /^401 ?\r?\nwww-authenticate: Bearer\r?\n/)
  assert.match(good!, /^200/)
  const { asked, ...order } = JSON.parse(good!.split(/\r?\n\r?\n/)[1]!)
  assert.deepEqual(order, { id: '42', item: 'a towel', by: 'somebody else' })
  assert.equal(asked.path, '/private/orders/42')
  assert.equal(asked.client, facts.storefrontId)
  assert.equal(asked.user, 'ana')
  assert.equal(asked.role, undefined, 'what a client says about itself')
  assert.match(good!, new RegExp(`apigw-requestid: ${RegExp.escape(asked.requestId)}`))
  assert.match(refused!, /^403/)
  assert.match(refused!, /error="insufficient_scope"/)
  assert.match(refused!, /SCOPE_MISSING/, 'postern explain')
  assert.match(refused!, /orders\/write/, 'what would have passed')
})

test('a line of the access log and a trace say what happened', async () => {
  const isTold = () => /"user":"ana".*"status":"200"/.test(output)
  await until(isTold)
  const line = JSON.parse(/^\{.*"user":"ana".*"status":"200".*\}$/m.exec(output)![0])
  assert.equal(line.route, 'GET /api/{proxy+}')
  assert.equal(line.client, facts.storefrontId)
  assert.match(line.serviceMs, /^\d+$/)
  const id = line.trace.replace(/^1-(\w+)-(\w+)$/, '$1$2')
  await until(() => output.includes(`trace ${id}: GET /api/{proxy+}`))
  assert.match(output, new RegExp(`trace ${id}: .* ms, of it the service .* ms`))
})

test('the ordinary SDK signs in with a password', async (t) => {
  const cognito = new CognitoIdentityProviderClient({
    ...{ region: 'us-east-1', endpoint: facts.identityUrl },
  })
  t.after(() => cognito.destroy())
  const ask = (PASSWORD: string) =>
    cognito.send(
      new InitiateAuthCommand({
        ...{ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: facts.storefrontId },
        AuthParameters: { USERNAME: facts.user.name, PASSWORD },
      }),
    )
  await assert.rejects(ask('not hers'), { name: 'NotAuthorizedException' })
  const { AuthenticationResult: tokens } = await ask(facts.user.password)
  const status = async (token: string) => (await callApi(api, '/api/orders', token)).status
  assert.equal(await status(tokens!.AccessToken!), 200)
  assert.equal(await status(tokens!.IdToken!), 403, 'an id token has no scope')
  assert.equal(await status(tokens!.RefreshToken!), 401)
})

test('a browser signs in on the hosted page, and the shop shows an order', async (t) => {
  const { page, complaints } = await openPage(t)
  await page.goto(shop)
  assert.match(page.url(), /^http:\/\/private-api\.auth\.localhost:/)
  await page.getByLabel('Username').fill(facts.user.name)
  await page.getByLabel('Password').fill(facts.user.password)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${shop}callback*`)
  const text = await page.locator('pre').textContent()
  assert.match(text!, /The gateway says 200/)
  assert.match(text!, /"user":"ana"/)
  assert.deepEqual(complaints, [])
})

test('a machine calls until its rate, and then its quota, refuses it; usage tells how often it did', async () => {
  const printed = await typed('4')
  const [atOnce, slowly] = [...printed.matchAll(/^(?:\d{3} ){15}$/gm)].map(([line]) =>
    line.split(' '),
  )
  const good = (codes: readonly string[]) => codes.filter((code) => code === '200').length
  assert.ok([10, 11].includes(good(atOnce!)), `${atOnce}`)
  assert.equal(good(atOnce!) + good(slowly!), 20, `${slowly}`)
  assert.deepEqual(slowly!.slice(-5, -1), ['429', '429', '429', '429'])
  assert.match(printed, /^because +CLIENT_THROTTLED[\s\S]*^because +QUOTA_EXCEEDED/m)
  assert.match(
    printed,
    new RegExp(`${facts.reportingId} +20 +${15 - good(atOnce!)} +${15 - good(slowly!)}$`, 'm'),
  )
})

test('the way in is an agent, and a call tells which way it took', async () => {
  const printed = await typed('1', '5')
  assert.match(printed, /reached through agents\nstatus +AVAILABLE/)
  assert.match(
    printed,
    /^way +link \w+, agent \w+; target 127\.0\.0\.1:\d+ of\s+targetgroup\/ingresses\//m,
  )
})

test('what was measured can be read', async () => {
  assert.match(await typed('6'), /^postern_\w+\{/m)
})

test('SIGTERM ends everything, exit code 0', async () => {
  child.kill('SIGTERM')
  const [code] = (await once(child, 'exit')) as [number]
  assert.equal(code, 0, output)
  await assert.rejects(callApi(api, '/health', ''))
  await assert.rejects(fetch(shop))
})
