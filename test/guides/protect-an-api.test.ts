/**
 * The guide that leads from a provider to a protected API: its commands, as they are typed, in a shell, for each provider,
 * with one on this machine in the provider's place. Only ports and the host of the issuer are others.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Settings, startProvider } from './stand-in-provider.ts'
import { commandsIn, readGuide, typed, UNTIL_READY } from './typed-shell.ts'

const GUIDE = await readGuide('protect-an-api.md')
const [FIRST, ...STEPS] = GUIDE.split(/^## \d+\. /m).slice(1)

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

const MARK = '--- try it'

async function protectedBy(t: TestContext, { block, name, settings }: Provider): Promise<string> {
  const issuer = await startProvider(t, name, settings)
  const [token, define, ...serve] = STEPS.flatMap(commandsIn)
  const script = [
    ...[block.replace(settings['ISSUER']!, issuer), token, define, ...serve.slice(0, -2)],
    ...[UNTIL_READY, `echo; echo '${MARK}'\n`, ...serve.slice(-2)],
  ].join('')
  return typed(t, { script })
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
    const output = await protectedBy(t, provider)
    const [before, tried] = output.split(MARK) as [string, string]
    assert.match(before, /iss: 'http:\/\/localhost:/)
    const { SCOPE } = provider.settings
    assert.ok(before.includes(SCOPE === '' ? 'login ' : `login (${SCOPE})`), before)
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
