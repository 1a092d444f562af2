import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { COMMANDS } from './commands.ts'
import { runWords, type Said } from './terminal.fake.ts'

let folder = ''
let pets = ''
let broken = ''

const operation = (uri: string) => ({
  responses: { 200: { description: 'ok' } },
  'x-amazon-apigateway-integration': {
    type: 'http_proxy',
    httpMethod: 'ANY',
    uri,
    payloadFormatVersion: '1.0',
  },
})

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'postern-cli-'))
  pets = path.join(folder, 'pets.json')
  broken = path.join(folder, 'broken.json')
  const paths = {
    '/pets/{id}': { get: operation('http://127.0.0.1:9/pets/{id}') },
    '/pets/{proxy+}': { 'x-amazon-apigateway-any-method': operation('http://127.0.0.1:9/{proxy}') },
    '/pets/new': { get: operation('http://127.0.0.1:9/new') },
  }
  const info = { title: 'Pets', version: '1' }
  await fs.writeFile(pets, JSON.stringify({ openapi: '3.0.1', info, paths }))
  await fs.writeFile(broken, JSON.stringify({ openapi: '3.0.1', info, paths: { '/x': 5 } }))
})
after(() => fs.rm(folder, { recursive: true }))

function postern(...words: string[]): Promise<Said> {
  return runWords({ words })
}

describe('usage', () => {
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['upp'], /^postern: There is no command upp\n {2}→ Did you mean postern up\?\n$/],
    [['lint'], /^postern: Which definition\?\n {2}→ Name an OpenAPI file: postern lint api\.yaml/],
    [['diff'], /^postern: Which definition\?\n {2}→ Name an OpenAPI file: postern diff api\.yaml/],
    [['diff', 'a.yaml', 'b.yaml'], /does not know what to do with b\.yaml/],
    [['keys', 'make'], /^postern: postern keys does not know make\n.*list, create, delete/],
    [['keys', 'delete'], /^postern: Which key\?/],
    [['keys', 'list', 'x'], /postern keys list does not know what to do with x/],
    [['keys', '--read-only'], /describe a new key\n.*postern keys create/],
    [['tail', '--status', '6xx'], /^postern: --status must be statuses: 404 or 4xx,5xx, not "6xx"/],
    [['audit', '--last', '0'], /^postern: --last must be a number from 1 to 1000, not "0"/],
    [['env', '--shell', 'csh'], /^postern: --shell must be sh or fish or powershell/],
    [['lint', 'x.json', '--http', '1'], /^postern: postern lint has no flag --http\n {2}→ It bel/],
    [
      ['up', 'x.json', '--acces-log', 'json'],
      /^postern: Unknown flag --acces-log\n.*--access-log\?/,
    ],
    [
      ['lint', 'x.json', '--config', '/nowhere.yaml'],
      /settings file \/nowhere\.yaml cannot be read/,
    ],
    [['routes', pets, '--match', 'pets'], /^postern: --match must be a method and a path/],
    [['completion', 'csh'], /^postern: Which shell\? There are bash, zsh, fish/],
    [['help', 'rotues'], /Did you mean postern help routes\?/],
    [['help', 'up', 'lint'], /does not know what to do with lint\n {2}→ Usage: postern help \[C/],
    [['apis', 'pets'], /^postern: postern apis does not know what to do with pets\n.*apis\n$/],
    [['up', 'x.json', '--access-log', 'jsn'], /There is no format named jsn\n.* json, clf, dev /],
    [['up', 'x.json', '--access-log', '$context.nothing'], /^postern: --access-log: .*character 1/],
  ]
  for (const [words, expected] of refused) {
    test(`postern ${words.join(' ')}`, async () => {
      const data = words[0] === 'up' ? ['--data', path.join(folder, 'data')] : []
      const { code, out, err } = await postern(...words, ...data)
      assert.match(err, expected)
      assert.equal(code, 2)
      assert.equal(out, '')
    })
  }

  test('nothing at all shows the overview and is a mistake', async () => {
    const { code, err } = await postern()
    assert.equal(code, 2)
    for (const { name, summary } of COMMANDS)
      assert(err.includes(`${name} `) && err.includes(summary))
  })

  test('a failure is JSON when JSON is asked for', async () => {
    const { code, err } = await postern('lint', '--json')
    assert.equal(code, 2)
    assert.equal((JSON.parse(err) as { message: string }).message, 'Which definition?')
  })

  const asked: readonly (readonly [string[], Record<string, string>, boolean])[] = [
    [['lint', '--json=true'], {}, true],
    [['lint', '--workers', '0'], { POSTERN_JSON: 'true' }, true],
    [['lint', '--no-json'], { POSTERN_JSON: 'true' }, false],
    [['lint', '--json', '--json=false'], {}, false],
  ]
  for (const [words, environment, json] of asked) {
    test(`${words.join(' ')} ${JSON.stringify(environment)}`, async () => {
      const { code, err } = await runWords({ words, environment })
      assert.equal(code, 2)
      assert.equal(err.startsWith('{'), json)
    })
  }
})

test('every command explains itself, with and without help', async () => {
  for (const { name, examples } of COMMANDS) {
    const long = await postern(name, '--help')
    assert.deepEqual(await postern('help', name), long)
    assert.equal(long.code, 0)
    for (const [line] of examples) assert(long.out.includes(line), name)
    for (const line of long.out.split('\n')) assert.equal(line, line.trimEnd())
  }
})

test('help keeps within the terminal, and within 100 columns without one', async () => {
  for (const columns of [72, 80, undefined]) {
    for (const { name } of COMMANDS) {
      const { out } = await runWords({ words: ['help', name], ...(columns && { columns }) })
      const width = Math.max(...out.split('\n').map((line) => line.length))
      assert(width <= (columns ?? 100), `${name} takes ${width} columns of ${columns}`)
    }
  }
})

test('--version is the version of the package', async () => {
  const { version } = JSON.parse(await fs.readFile('package.json', 'utf8')) as { version: string }
  assert.deepEqual(await postern('--version'), { code: 0, out: `${version}\n`, err: '' })
  assert.deepEqual(JSON.parse((await postern('--version', '--json')).out), { version })
})

describe('lint', () => {
  test('a good definition', async () => {
    assert.deepEqual(await postern('lint', pets), {
      code: 0,
      out: '0 errors, 0 warnings\n',
      err: '',
    })
  })

  test('a broken one says where, and ends with 1', async () => {
    const { code, out } = await postern('lint', pets, broken)
    assert.equal(code, 1)
    assert.match(out, /broken\.json:1:\d+: error: /)
    assert.match(out, /\n\d+ errors?, 0 warnings\n$/)
  })

  test('--json carries the same problems', async () => {
    const { code, out } = await postern('lint', broken, '--json')
    const { problems } = JSON.parse(out) as { problems: { file: string; severity: string }[] }
    assert.equal(code, 1)
    assert(problems.some(({ file, severity }) => file === broken && severity === 'error'))
  })
})

describe('routes', () => {
  test('in the order of priority, aligned', async () => {
    const { code, out } = await postern('routes', pets)
    assert.equal(code, 0)
    const lines = out.trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => line.split(/ {2,}/)[0]),
      ['ROUTE', 'GET /pets/new', 'GET /pets/{id}', 'ANY /pets/{proxy+}'],
    )
    assert.equal(new Set(lines.slice(1).map((line) => line.indexOf('http://'))).size, 1)
  })

  test('who may call which route', async () => {
    const guarded = path.join(folder, 'guarded.json')
    const login = {
      type: 'oauth2',
      flows: {},
      'x-amazon-apigateway-authorizer': {
        type: 'jwt',
        identitySource: '$request.header.Authorization',
        jwtConfiguration: { issuer: 'https://login.example', audience: ['pets'] },
      },
    }
    const definition = {
      openapi: '3.0.1',
      info: { title: 'Guarded', version: '1' },
      paths: {
        '/a': { get: { ...operation('http://127.0.0.1:9/a'), security: [{ login: ['r', 'w'] }] } },
        '/b': { get: { ...operation('http://127.0.0.1:9/b'), security: [{ login: [] }] } },
        '/c': { get: operation('http://127.0.0.1:9/c') },
      },
      components: { securitySchemes: { login } },
    }
    await fs.writeFile(guarded, JSON.stringify(definition))
    const { out } = await postern('routes', guarded)
    const cells = out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2))
    assert.deepEqual(cells.slice(0, 4), [
      ['ROUTE', 'AUTHORIZER'],
      ['GET /a', 'login (r or w)'],
      ['GET /b', 'login'],
      ['GET /c', 'open'],
    ])
    const json = JSON.parse((await postern('routes', guarded, '--json')).out) as {
      routes: { authorizer: string; scopes: string[] }[]
    }
    assert.deepEqual(
      json.routes.map(({ authorizer, scopes }) => [authorizer, ...scopes]),
      [['login', 'r', 'w'], ['login'], ['']],
    )
    const match = await postern('routes', guarded, '--match', 'GET /a')
    assert.match(match.out, /\n {2}authorizer +login \(r or w\)\n/)
  })

  interface Matches {
    readonly matches: readonly {
      readonly route: { routeKey: string }
      readonly parameters: object
    }[]
  }

  const asked: readonly (readonly [request: string, route: string, parameters: object])[] = [
    ['GET /pets/7', 'GET /pets/{id}', { id: '7' }],
    ['GET /pets/new?x=1', 'GET /pets/new', {}],
    ['GET /pets/caf%C3%A9', 'GET /pets/{id}', { id: 'café' }],
    ['GET /pets/café', 'GET /pets/{id}', { id: 'café' }],
    ['POST /pets/a/b', 'ANY /pets/{proxy+}', { proxy: 'a/b' }],
  ]
  for (const [request, route, parameters] of asked) {
    test(`--match "${request}"`, async () => {
      const { code, out } = await postern('routes', pets, '--match', request, '--json')
      const { matches } = JSON.parse(out) as Matches
      assert.equal(code, 0)
      const [match] = matches
      assert.equal(match?.route.routeKey, route)
      assert.deepEqual(match?.parameters, parameters)
    })
  }

  test('--match that nothing takes ends with 1', async () => {
    const { code, out } = await postern('routes', pets, '--match', 'GET /dogs')
    assert.equal(code, 1)
    assert.match(out, /^GET \/dogs → no route of [a-z0-9]{10}: 404\n$/)
  })

  test('--match with a path that the gateway refuses says so', async () => {
    const { code, err } = await postern('routes', pets, '--match', 'GET /pets/../x')
    assert.equal(code, 2)
    assert.match(err, /the gateway refuses the path \/pets\/\.\.\/x with 400/)
  })

  test('a broken definition shows its problems', async () => {
    const { code, err } = await postern('routes', broken)
    assert.equal(code, 1)
    assert.match(err, /broken\.json:1:\d+: error: /)
  })
})

describe('completion', () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    test(`${shell} knows every command and flag`, async () => {
      const { code, out } = await postern('completion', shell)
      assert.equal(code, 0)
      for (const { name } of COMMANDS) assert(out.includes(name))
      assert(out.includes('access-log-file') && out.includes('extended aws'))
    })
  }

  test('bash completes commands, flags, values and files', async () => {
    const { out } = await postern('completion', 'bash')
    const complete = (line: string): string[] => {
      const words = line.split(' ')
      const script = `${out}
        COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
        COMP_CWORD=${words.length - 1} COMP_LINE='${line}'
        _postern postern '${words.at(-1)}' '${words.at(-2)}'
        printf '%s\\n' "\${COMPREPLY[@]}"`
      return execFileSync('bash', ['-c', script], { encoding: 'utf8', cwd: folder })
        .trim()
        .split('\n')
    }
    assert.deepEqual(complete('postern ro'), ['routes', 'rollback'])
    assert.deepEqual(complete('postern up --limi'), ['--limits', '--limit'])
    assert.deepEqual(complete('postern up --limits '), ['extended', 'aws'])
    assert.deepEqual(complete('postern up --limits ='), ['extended', 'aws'])
    assert.deepEqual(complete('postern up --limits = a'), ['aws'])
    assert.deepEqual(complete('postern lint pe'), ['pets.json'])
    assert.deepEqual(complete('postern completion z'), ['zsh'])
    assert.deepEqual(complete('postern export --no'), ['--no-extensions'])
    assert.deepEqual(complete('postern keys cr'), ['create'])
    assert.deepEqual(complete('postern keys d'), ['delete'])
    assert.deepEqual(complete('postern diff pe'), ['pets.json'])
  })
})
