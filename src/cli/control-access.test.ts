import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { createAccessKey } from '../identity/access-keys.ts'
import { openInstallationKey } from '../identity/installation-key.ts'
import { Failure } from '../server/failure.ts'
import { openSqliteStore } from '../storage/sqlite/sqlite-store.ts'
import { INSTALLATION } from '../storage/store.ts'
import { type AccessSettings, findControlAccess } from './control-access.ts'
import { runWords } from './terminal.fake.ts'

const URL_OF_FOLDER = 'http://127.0.0.1:9080/'

let root = ''
/** A running Postern's: with a key that reads, and one that writes. */
let data = ''
let key = { accessKeyId: '', secretAccessKey: '' }

before(async () => {
  root = await fs.mkdtemp(path.join(os.tmpdir(), 'postern-access-'))
  data = path.join(root, 'data')
  const store = await openSqliteStore({ folder: data, clock: systemClock })
  key = await store.write(async (transaction) => {
    const source = { sealer: await openInstallationKey(data, true), randomBytes, now: new Date(0) }
    const records = transaction.in(INSTALLATION)
    await createAccessKey(records, { accountId: '000000000000', readOnly: true }, source)
    return createAccessKey(records, { accountId: '000000000000' }, source)
  })
  await store.close()
  await writeControl(data, { url: URL_OF_FOLDER, pid: 1, region: 'eu-north-1' })
})
after(() => fs.rm(root, { recursive: true }))

async function writeControl(folder: string, content: unknown): Promise<void> {
  await fs.mkdir(folder, { recursive: true })
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  await fs.writeFile(path.join(folder, 'control.json'), text)
}

const NO_FILE = { endpoint: undefined, installationKeyFile: undefined }
const OWN = { AWS_ACCESS_KEY_ID: 'OWN', AWS_SECRET_ACCESS_KEY: 'secret' }

test('a port that listens on every address is asked on loopback', async () => {
  const cases = [
    ['http://0.0.0.0:9080/', 'http://127.0.0.1:9080/'],
    ['http://[::]:9080/', 'http://[::1]:9080/'],
    ['http://10.0.0.7:9080/', 'http://10.0.0.7:9080/'],
  ] as const
  const folder = path.join(root, 'every-address')
  await fs.cp(data, folder, { recursive: true })
  for (const [url, expected] of cases) {
    await writeControl(folder, { url, pid: 1 })
    const access = await findControlAccess({ ...NO_FILE, data: folder, region: 'auto' }, {})
    assert.equal(access.url, expected)
  }
})

describe('who is asked, with which key, in which region', () => {
  interface Row {
    readonly what: string
    readonly settings?: Partial<AccessSettings>
    readonly environment?: Readonly<Record<string, string>>
    /** `url, key, region, source`; the key of the folder is FOLDER. */
    readonly expected: string
  }
  const rows: readonly Row[] = [
    { what: 'nothing is set', expected: `${URL_OF_FOLDER} FOLDER eu-north-1 --data` },
    {
      what: 'keys of AWS are not used with the folder',
      environment: { ...OWN, AWS_REGION: 'us-west-2' },
      expected: `${URL_OF_FOLDER} FOLDER eu-north-1 --data`,
    },
    {
      what: 'the environment of postern env',
      settings: { data: '.postern' },
      environment: { ...OWN, AWS_ENDPOINT_URL: 'http://gate:1', AWS_REGION: 'us-west-2' },
      expected: 'http://gate:1/ OWN us-west-2 AWS_ENDPOINT_URL',
    },
    {
      what: 'AWS_DEFAULT_REGION stands in, an empty variable is none',
      settings: { data: '.postern' },
      environment: {
        ...OWN,
        AWS_ENDPOINT_URL: 'http://gate:1/',
        AWS_REGION: '',
        AWS_DEFAULT_REGION: 'ap-south-1',
      },
      expected: 'http://gate:1/ OWN ap-south-1 AWS_ENDPOINT_URL',
    },
    {
      what: 'a folder that is named wins over the environment',
      environment: { ...OWN, AWS_ENDPOINT_URL: 'http://gate:1' },
      expected: `${URL_OF_FOLDER} FOLDER eu-north-1 --data`,
    },
    {
      what: '--endpoint and --region win; the key of the folder stands in',
      settings: { endpoint: 'https://other/prefix', region: 'eu-central-1' },
      environment: { AWS_ENDPOINT_URL: 'http://gate:1', AWS_ACCESS_KEY_ID: 'half' },
      expected: 'https://other/prefix/ FOLDER eu-central-1 --endpoint',
    },
    {
      what: 'no key anywhere: unsigned',
      settings: { endpoint: 'http://other', data: '/nowhere/at/all' },
      expected: 'http://other/ none us-east-1 --endpoint',
    },
  ]
  for (const { what, settings, environment = {}, expected } of rows) {
    test(what, async () => {
      const standard = { ...NO_FILE, data, region: 'auto' }
      const access = await findControlAccess({ ...standard, ...settings }, environment)
      const isFolderKey = access.key?.secretAccessKey === key.secretAccessKey
      const keyName = isFolderKey ? 'FOLDER' : (access.key?.accessKeyId ?? 'none')
      assert.equal(`${access.url} ${keyName} ${access.region} ${access.source}`, expected)
    })
  }
})

describe('a folder or a variable that cannot be used names its mend', () => {
  const rows: readonly (readonly [what: string, control: unknown, expected: RegExp])[] = [
    [
      'nothing is running',
      undefined,
      /^No Postern is running with the data folder .* → .*postern up/,
    ],
    ['half a file', '{"url": "htt', /control\.json does not say where.* → Start Postern again/],
    ['another file', ['x'], /does not say where/],
    ['a url that is none', { url: 'gate', pid: 1 }, /does not say where/],
    [
      'no store',
      { url: URL_OF_FOLDER, pid: 1 },
      /There is no store of Postern in .* → Start Postern/,
    ],
  ]
  for (const [what, control, expected] of rows) {
    test(what, async () => {
      const folder = path.join(root, what.replaceAll(' ', '-'))
      if (control !== undefined) await writeControl(folder, control)
      await assert.rejects(
        findControlAccess({ ...NO_FILE, data: folder, region: 'auto' }, {}),
        (thrown) =>
          thrown instanceof Failure && expected.test(`${thrown.message} → ${thrown.mend}`),
      )
    })
  }

  test('an AWS_ENDPOINT_URL that is no URL', () =>
    assert.rejects(
      findControlAccess(
        { ...NO_FILE, data: '.postern', region: 'auto' },
        { AWS_ENDPOINT_URL: 'gate' },
      ),
      /is no URL: gate/,
    ))
})

describe('postern env', () => {
  const env = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    runWords({ words: ['env', '--data', data, ...words], environment })

  test('as JSON: all that a tool needs, and nothing more', async () => {
    const { code, out } = await env(['--json'])
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(out), {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9080',
      AWS_REGION: 'eu-north-1',
      AWS_DEFAULT_REGION: 'eu-north-1',
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    })
  })

  const shells = [
    ['sh', "export AWS_REGION='eu-north-1'", 'unset AWS_SESSION_TOKEN'],
    ['fish', "set -gx AWS_REGION 'eu-north-1'", 'set -e AWS_SESSION_TOKEN'],
    ['powershell', "$Env:AWS_REGION = 'eu-north-1'", 'Remove-Item Env:AWS_SESSION_TOKEN'],
  ] as const
  for (const [shell, line, unset] of shells) {
    test(`for ${shell}; the session of another account is taken out`, async () => {
      const { out } = await env(['--shell', shell])
      assert(out.split('\n').includes(line), out)
      assert(!out.includes('SESSION'))
      const { out: withSession } = await env(['--shell', shell], { AWS_SESSION_TOKEN: 'x' })
      assert(withSession.endsWith(`${unset}\n`))
    })
  }

  test('what a control file says is only ever a value for the shell', async () => {
    const { execFileSync } = await import('node:child_process')
    const url = `http://127.0.0.1:1/'$(echo broken)"\`echo broken\`\\`
    const folder = path.join(root, 'quoting')
    await fs.cp(data, folder, { recursive: true })
    await writeControl(folder, { url, pid: 1 })
    const { out } = await runWords({ words: ['env', '--data', folder] })
    const script = `${out}\nprintf %s "$AWS_ENDPOINT_URL"`
    assert.equal(execFileSync('sh', ['-c', script], { encoding: 'utf8' }), url)
  })

  test('a folder without a running Postern prints no lines to evaluate', async () => {
    const { code, out, err } = await runWords({ words: ['env', '--data', path.join(root, 'no')] })
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, /^postern: No Postern is running with the data folder/)
  })
})
