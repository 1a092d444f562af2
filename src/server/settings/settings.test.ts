import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../failure.ts'
import { parseCommandLine } from './command-line.ts'
import { keyOf, settingOfKey, variableOf } from './setting-names.ts'
import {
  defaultOf,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type Settings,
  settingsOf,
} from './settings.ts'
import { flagRows, renderSettingsReference } from './settings-reference.ts'
import {
  documentSource,
  environmentSource,
  flagSource,
  resolveSettings,
} from './settings-sources.ts'

interface Given {
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly document?: unknown
}

function resolve({ flags = [], environment = {}, document = {} }: Given, command = 'up'): Settings {
  return resolveSettings(command, [
    flagSource(parseCommandLine([command, ...flags])),
    environmentSource(environment),
    documentSource(document, 'postern.yaml'),
  ])
}

function refusal(given: Given): string {
  try {
    resolve(given)
  } catch (thrown) {
    assert(thrown instanceof Failure)
    assert.equal(thrown.exitCode, 2)
    return `${thrown.message} ${thrown.mend ?? ''}`.trim()
  }
  return 'accepted'
}

test('every default is a value that its own type reads', () => {
  const commands = new Set(SETTING_NAMES.flatMap((name) => SETTINGS[name].commands as string[]))
  for (const command of commands) {
    assert.doesNotThrow(() => resolveSettings(command, []), command)
  }
  assert.equal(resolve({}).http, 8080)
  assert.equal(resolve({}).workers, undefined)
  assert.equal(resolve({}).accessLog, 'none')
  assert.equal(resolve({}, 'dev').accessLog, 'dev')
  assert.equal(resolve({}, 'dev').watch, true)
  assert.deepEqual([resolve({}).region, resolve({}, 'apis').region], ['us-east-1', 'auto'])
  assert.deepEqual([resolve({}, 'export').extensions, resolve({}, 'audit').last], [true, '50'])
})

test('a flag wins over a variable, a variable over the file, the file over the default', () => {
  const document = { http: 3 }
  const environment = { POSTERN_HTTP: '2' }
  assert.equal(resolve({ flags: ['--http', '1'], environment, document }).http, 1)
  assert.equal(resolve({ environment, document }).http, 2)
  assert.equal(resolve({ document }).http, 3)
  assert.equal(resolve({ environment: { POSTERN_HTTP: '' }, document }).http, 3)
})

test('values are read by their types', () => {
  const read = (...flags: string[]) => resolve({ flags })
  assert.equal(read('--https', 'off').https, undefined)
  assert.equal(read('--http=0').http, 0)
  assert.equal(read('--workers', '4').workers, 4)
  assert.equal(read('--drain-timeout', '1500ms').drainTimeout, 1_500)
  assert.equal(read('--drain-timeout', '2m').drainTimeout, 120_000)
  assert.equal(read('--json').json, true)
  assert.equal(read('--json', '--no-json').json, false)
  assert.deepEqual(read('--stage-variable', 'a=1', '--stage-variable', 'b=x=y').stageVariable, {
    a: '1',
    b: 'x=y',
  })
  assert.deepEqual(read('--limit', 'requestBodyBytes=5').limit, { requestBodyBytes: 5 })
  const trusted = ['10.0.0.0/8', '::1']
  assert.deepEqual(read('--trusted-proxies', trusted.join(',')).trustedProxies, trusted)
  assert.deepEqual(resolve({ document: { 'trusted-proxies': trusted } }).trustedProxies, trusted)
  assert.deepEqual(resolve({ document: { limit: { routesPerApi: 7 } } }).limit, { routesPerApi: 7 })
  assert.deepEqual(resolve({ environment: { POSTERN_STAGE_VARIABLE: 'a=1,b=2' } }).stageVariable, {
    a: '1',
    b: '2',
  })
  const name = JSON.parse('{"stage-variable":{"__proto__":"x"}}')
  assert.deepEqual(Object.keys(resolve({ document: name }).stageVariable), ['__proto__'])
})

const REFUSED: readonly (readonly [Given, RegExp])[] = [
  [{ flags: ['--http', 'abc'] }, /^--http must be a port from 0 to 65535 or off, not "abc"$/],
  [{ flags: ['--http', '65536'] }, /^--http must be a port/],
  [{ flags: ['--http'] }, /^--http needs a value: --http PORT\|off$/],
  [{ flags: ['--http', '--json'] }, /^--http needs a value/],
  [{ flags: ['--htpp', '1'] }, /^Unknown flag --htpp Did you mean --http\?$/],
  [{ flags: ['-x'] }, /^Unknown flag -x/],
  [{ flags: ['--no-http'] }, /^Unknown flag --no-http/],
  [{ flags: ['--workers', '0'] }, /^--workers must be a number from 1 to 256 or auto/],
  [{ flags: ['--last', '9xx'] }, /^--last must be a number, or statuses such as 404 or 5xx/],
  [{ flags: ['--status', '5xx,'] }, /^--status must be statuses: 404 or 4xx,5xx/],
  [{ flags: ['--stage', 'a/b'] }, /^--stage must be \$default, or letters, digits, _ and -/],
  [{ flags: ['--limits', 'all'] }, /^--limits must be extended or aws, not "all"$/],
  [{ flags: ['--limit', 'requestBodyByte=1'] }, /^--limit names no limit: .*did you mean requestB/],
  [{ flags: ['--limit', 'requestBodyBytes=x'] }, /requestBodyBytes must be a whole number \(bytes/],
  [{ flags: ['--limit', 'constructor=1'] }, /names no limit/],
  [{ flags: ['--stage-variable', 'x'] }, /must be written NAME=VALUE/],
  [{ flags: ['--target', 'localhost:3000'] }, /^--target must be a URL/],
  [{ flags: ['--target', 'http://user:secret@host/'] }, /^--target must not hold a (?!.*secret)/],
  [{ flags: ['--target', 'http://host/?x=1'] }, /^--target must end with its path/],
  [{ flags: ['--limit', 'nonsense=1'] }, /there are requestHeadBytes, requestHeaderCount, /],
  [{ flags: ['--account-id', '12'] }, /^--account-id must be an account id of 12 digits/],
  [{ flags: ['--drain-timeout', '30'] }, /^--drain-timeout must be a duration such as 30s/],
  [{ flags: ['--trusted-proxies', '10.0.0.0/33'] }, /^--trusted-proxies must be addresses/],
  [{ environment: { POSTERN_WORKERS: 'many' } }, /^POSTERN_WORKERS must be a number/],
  [{ document: { htpp: 1 } }, /^postern\.yaml: htpp is not a setting Did you mean http\?$/],
  [{ document: { https: 'no' } }, /^postern\.yaml: https must be a port/],
  [{ document: { http: [1] } }, /^postern\.yaml: http must be a single value/],
  [{ document: { config: 'x' } }, /^postern\.yaml: config is not a setting/],
  [{ document: [1] }, /^postern\.yaml must be a mapping/],
]

for (const [given, expected] of REFUSED) {
  test(`refused: ${JSON.stringify(given)}`, () => assert.match(refusal(given), expected))
}

test('the three spellings of a name lead back to it, and none is used twice', () => {
  const spellings = SETTING_NAMES.flatMap((name) => [keyOf(name), variableOf(name)])
  assert.equal(new Set(spellings).size, spellings.length)
  for (const name of SETTING_NAMES) assert.equal(settingOfKey(keyOf(name)), name)
  assert.equal(variableOf('accessLogFile'), 'POSTERN_ACCESS_LOG_FILE')
})

test('reference and help name every setting with its default', () => {
  const page = renderSettingsReference()
  for (const name of SETTING_NAMES) {
    const { description }: Setting = SETTINGS[name]
    assert(page.includes(`\`${variableOf(name)}\``), name)
    assert(page.includes(description.replaceAll('|', '\\|')), name)
  }
  for (const name of settingsOf('dev')) {
    const row = flagRows('dev').find(([flag]) => flag.split(' ')[0] === `--${keyOf(name)}`)
    const standard = defaultOf(name, 'dev') ?? 'false'
    assert(standard === 'false' || row?.[1].endsWith(`[${standard}]`), name)
  }
})

test('no command line is accepted half: each word is a flag, a value or an operand', () => {
  const words = fc.array(
    fc.oneof(
      fc.constantFrom('--json', '--http', '1', '--', '--no-watch', '--limit=a=1', 'x.yaml', '-'),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(words, (line) => {
      let parsed: ReturnType<typeof parseCommandLine>
      try {
        parsed = parseCommandLine(line)
      } catch (thrown) {
        return thrown instanceof Failure && thrown.exitCode === 2
      }
      const values = [...parsed.flags.values()].flat()
      const named = parsed.command === '' && parsed.operands.length === 0 ? 0 : 1
      return parsed.operands.length + named + values.length <= line.length
    }),
  )
})
