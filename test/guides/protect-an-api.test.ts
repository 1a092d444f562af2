/**
 * The guide that leads from a provider to a protected API: its commands, as they are typed, in a shell, for each provider,
 * with one on this machine in the provider's place. Only ports and the host of the issuer are others.
 */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePorts } from '../harness/free-ports.ts'
import { type Settings, startProvider } from './stand-in-provider.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const GUIDE = await readFile(join(ROOT, 'docs/guide/protect-an-api.md'), 'utf8')
const [FIRST, ...STEPS] = GUIDE.split(/^## \d+\. /m).slice(1)

/** The commands of each part, in order. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map((found) => found[1]!)
}

interface Provider {
  readonly name: string
  readonly block: string
  readonly settings: Settings
}

const PROVIDERS: readonly Provider[] = FIRST!.split(/^### /m).flatMap((part) => {
  const [block] = commandsIn(part)
  if (block === undefined) return []
  const lines = [...block.matchAll(/^([A-Z_]+)=(.*)$/gm)].map((line) => [line[1]!, line[2]!])
  return [{ name: part.split('\n')[0]!, block, settings: Object.fromEntries(lines) }]
})

/** What `postern routes` prints. */
const PRINTED = /^```\n(ROUTE .*?)```$/ms.exec(GUIDE)![1]!

/** With single spaces: how wide a column is depends on the ports. */
function words(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}

/** Until the gateway answers; the reader of the guide sees that it is ready. */
const UNTIL_READY = 'until curl -sf http://localhost:8080/health > /dev/null; do sleep 0.1; done\n'
const MARK = '--- try it'

async function typed(t: TestContext, { block, name, settings }: Provider): Promise<string> {
  const issuer = await startProvider(t, name, settings)
  const [http, service] = await freePorts(2)
  const [token, define, ...serve] = STEPS.flatMap(commandsIn)
  const start = serve.slice(0, -2)
  const script = [
    `postern() { node ${join(ROOT, 'src/main.ts')} "$@"; }\n`,
    ...[block.replace(settings['ISSUER']!, issuer), token, define, ...start],
    ...[UNTIL_READY, `echo; echo '${MARK}'\n`, ...serve.slice(-2)],
  ]
    .join('')
    .replaceAll('8080', `${http}`)
    .replaceAll('3000', `${service}`)
  const folder = await mkdtemp(join(tmpdir(), 'postern-guide-'))
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    ...{ cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      ...{ POSTERN_HTTP: `${http}`, POSTERN_HTTPS: 'off', POSTERN_CONTROL: '0' },
    },
  })
  t.after(async () => {
    process.kill(-shell.pid!, 'SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  let output = ''
  let errors = ''
  shell.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  shell.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const [code] = (await once(shell, 'exit')) as [number | null]
  assert.equal(code, 0, output + errors)
  return output.replaceAll(`${http}`, '8080').replaceAll(`${service}`, '3000')
}

test('the guide has the four providers, and every one says the same variables', () => {
  const names = PROVIDERS.map(({ name }) => name)
  assert.deepEqual(names, ['Cognito on AWS', 'Keycloak', 'Auth0', 'Microsoft Entra'])
  for (const { settings } of PROVIDERS) {
    assert.deepEqual(Object.keys(settings), Object.keys(PROVIDERS[0]!.settings))
  }
})

for (const provider of PROVIDERS) {
  test(`what is typed for ${provider.name} leads to a protected API`, async (t) => {
    const output = await typed(t, provider)
    const [before, tried] = output.split(MARK) as [string, string]
    assert.match(before, /iss: 'http:\/\/localhost:/)
    const scope =
      provider.settings['SCOPE'] === '' ? 'login ' : `login (${provider.settings['SCOPE']})`
    assert.ok(before.includes(scope), before)
    const answers = tried.trim().split(/\r?\n/)
    assert.equal(answers[0], 'HTTP/1.1 401 Unauthorized')
    assert.ok(answers.includes('www-authenticate: Bearer'))
    assert.match(tried, /\{"message":"Unauthorized"\}/)
    assert.match(tried, /\/orders\/42 for the-client\n/)
    assert.match(tried, /\/health for undefined\n/)
    assert.match(tried, /^because +TOKEN_MISSING/m)
    if (provider.name === 'Keycloak') assert.ok(words(before).includes(words(PRINTED)), before)
  })
}
