/**
 * Definitions of the shapes that people write, each of which loads and gives a route to every operation; and what is
 * said about them once something in them is broken.
 */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { type ImportResult, importOpenApi } from '../../src/definitions/open-api/open-api.ts'
import { limitsOf } from '../../src/domain/limits.ts'
import { largeDefinition } from './large-definition.ts'

const FOLDER = new URL('./world/', import.meta.url)

function load(file: string, text: string): ImportResult {
  return importOpenApi(
    { file, text },
    {
      profile: 'extended',
      limits: limitsOf('extended'),
      target: 'http://127.0.0.1:3000',
      accountId: '000000000000',
      region: 'local',
      revision: 1,
    },
  )
}

function read(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8')
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']

/** Route keys as a reader of the file would list them: a slow twin of the importer's routes. */
function routeKeysIn(text: string, prefix = ''): string[] {
  const document = parse(text, { merge: true })
  return Object.entries<Record<string, unknown>>(document.paths)
    .filter(([path]) => path.startsWith('/'))
    .flatMap(([path, item]) => {
      const name = String(item['$ref'] ?? '').replace('#/components/pathItems/', '')
      const members = { ...document.components?.pathItems?.[name], ...item }
      const any = 'x-amazon-apigateway-any-method' in members
      if (path === '/$default') return ['$default']
      const methods = METHODS.filter((method) => method in members)
      return [...methods.map((method) => method.toUpperCase()), ...(any ? ['ANY'] : [])].map(
        (method) => `${method} ${prefix}${path}`,
      )
    })
}

/** Files whose routes begin with something that is not in their paths. */
const PREFIXES: Record<string, string> = { 'many-servers.yaml': '/weather/v3' }

for (const file of readdirSync(FOLDER).sort()) {
  test(`${file} loads, and every operation has its route`, () => {
    const text = read(file)
    const { stage, problems } = load(file, text)
    assert.deepEqual(problems, [])
    const routeKeys = stage!.routes.map(({ routeKey }) => routeKey)
    assert.deepEqual(routeKeys.sort(), routeKeysIn(text, PREFIXES[file]).sort())
    for (const { integrationId, source } of stage!.routes) {
      assert.ok(stage!.integrations[integrationId], 'has its integration')
      assert.match(source!, new RegExp(`^${file}:\\d+$`))
    }
  })
}

test('twenty shapes are here', () => {
  assert.ok(readdirSync(FOLDER).length >= 20)
})

for (const syntax of ['json', 'yaml'] as const) {
  test(`an API of a thousand operations loads from ${syntax}`, () => {
    const text = largeDefinition(syntax)
    const { stage, problems } = load(`large.${syntax}`, text)
    assert.deepEqual(problems, [])
    assert.equal(stage!.routes.length, 1000)
    assert.deepEqual(stage!.routes.map(({ routeKey }) => routeKey).sort(), routeKeysIn(text).sort())
    const lines = text.split('\n')
    for (const { source, routeKey } of stage!.routes) {
      const line = lines[Number(source!.split(':')[1]) - 1]!
      assert.ok(line.toUpperCase().includes(routeKey.split(' ')[0]!), `${source} is ${routeKey}`)
    }
  })
}

test('the same definition has the same identifiers, another one others', () => {
  const first = load('hello.json', read('hello.json')).stage!
  const again = load('moved/hello.json', read('hello.json')).stage!
  const changed = load('hello.json', read('hello.json').replace('"/"', '"/hello"')).stage!
  const other = load('hello.json', read('hello.json').replace('"Hello"', '"Goodbye"')).stage!
  assert.match(first.apiId, /^[a-z0-9]{10}$/)
  assert.match(first.deploymentId, /^[a-z0-9]{6,10}$/)
  assert.equal(again.apiId, first.apiId)
  assert.equal(changed.apiId, first.apiId)
  assert.notEqual(changed.deploymentId, first.deploymentId)
  assert.notEqual(other.apiId, first.apiId)
})

test('stage variables of the options win over those of the definition', () => {
  const options = {
    profile: 'extended' as const,
    limits: limitsOf('extended'),
    accountId: '0',
    region: 'local',
    revision: 1,
    stageVariables: { version: 'v3' },
  }
  const text = read('stage-variables.yaml')
  const { stage } = importOpenApi({ file: 'stage-variables.yaml', text }, options)
  assert.equal(stage!.stageVariables['version'], 'v3')
  assert.equal(stage!.stageVariables['catalogue'], 'catalogue.beta.internal')
})

/** [file, what is written, what is written instead, what is said] */
const BROKEN: [file: string, written: string, instead: string, said: RegExp][] = [
  ['pet-shop.yaml', 'openapi: 3.0.3', "swagger: '2.0'", /^1:1 error swagger-unsupported/],
  [
    'pet-shop.yaml',
    '/pets/{petId}/photo:',
    '/pets/{petId}.jpg:',
    /^54:3 error path-partial-variable/,
  ],
  [
    'pet-shop.yaml',
    '/orders/{orderId}:',
    '/pets/{id}:',
    /^65:5 error route-conflict.*GET \/pets\/\{petId\}/,
  ],
  [
    'pet-shop.yaml',
    'operationId: showPet',
    'operationId: listPets',
    /warning operation-id-duplicate/,
  ],
  [
    'pet-shop.yaml',
    '#/components/schemas/Problem',
    '#/components/schemas/Trouble',
    /warning reference-dangling.*schemas\/Trouble/,
  ],
  [
    'pet-shop.yaml',
    '    post: { tags: [order]',
    '    Post: { tags: [order]',
    /error path-member-unknown.*"Post".*Did you mean post/,
  ],
  [
    'pet-shop-3.1.json',
    '"#/components/pathItems/Pet"',
    '"pets.json#/Pet"',
    /error reference-external/,
  ],
  ['pet-shop-3.1.json', '"title": "Pet shop 3.1",', '', /error title-missing/],
  [
    'payments.yaml',
    'x-postern-security: origin\n',
    '',
    /^6:1 error security-unenforced.*secretKey, bearer/,
  ],
  [
    'payments.yaml',
    'x-postern-security: origin',
    'x-postern-securty: origin',
    /extension-unknown.*Did you mean x-postern-security/,
  ],
  [
    'payments.yaml',
    '{charge}/refunds/{refund}',
    '{charge}/refunds/{charge}',
    /error path-variable-duplicate/,
  ],
  [
    'exported.json',
    '"http_proxy",\n          "httpMethod": "POST"',
    '"aws_proxy",\n          "httpMethod": "POST"',
    /^39:11 error integration-type.*Lambda/,
  ],
  [
    'exported.json',
    'api/bookings/{bookingId}',
    'api/bookings/{id}',
    /error uri-variable-unknown.*\{id\}/,
  ],
  [
    'exported.json',
    '"allowCredentials": false',
    '"allowCredentials": true',
    /error cors-credentials-any-origin/,
  ],
  ['exported.json', 'com/{proxy}"', 'com/"', /warning greedy-unused/],
  [
    'exported.json',
    'integrations/site"',
    'integrations/bookings"',
    /warning integration-unused.*"site"/,
  ],
  [
    'cors-shop.yaml',
    'maxAge: 7200',
    'maxage: 7200',
    /error cors-member-unknown.*Did you mean maxAge/,
  ],
  ['cors-shop.yaml', 'https://shop.example,', 'https://shop.example/,', /error cors-invalid/],
  [
    'stage-variables.yaml',
    '  version: v2',
    '  release: v2',
    /error stage-variable-missing.*version/,
  ],
  ['stage-variables.yaml', 'catalogue.beta.internal', 'a b', /error stage-variable-value/],
  ['catch-all.yaml', '/api/v2/{proxy+}:', '/{proxy+}/v2:', /error path-greedy-not-last/],
  ['catch-all.yaml', 'http://old.internal"', 'ftp://old.internal"', /error uri-invalid/],
  [
    'references.yaml',
    'schemas/Node/properties/children',
    'schemas/Node/properties/kids',
    /warning reference-dangling/,
  ],
  ['deep-paths.yaml', 'containers/stats/logs', 'containers/{c}/logs', /error route-conflict/],
  ['anchors.yaml', '&trace', '&tracing', /error alias-unknown/],
  ['anchors.yaml', '$context.requestId', '$context.requestID', /error mapping-invalid/],
  ['webhooks.yaml', 'post:', 'trace:', /^$/],
  ['many-servers.yaml', 'default: weather/v3', 'default: "{v}"', /error base-path-invalid/],
  ['file-upload.yaml', 'options:', 'trace:', /error method-unsupported/],
  ['hello.json', '"get"', 'get', /error json-syntax/],
  [
    'chat.yaml',
    'type: apiKey,',
    'type: apiKey, x-amazon-apigateway-authorizer: {},',
    /error authorizer-unsupported/,
  ],
  ['trailing-slashes.yaml', '/schema/:', '/api/users:', /error route-conflict/],
  ['bank.yaml', 'x-postern-security: origin\n', '', /error security-unenforced.*tpp/],
  ['kubernetes.json', '"head"', '"get"', /error key-duplicate/],
  [
    'search.yaml',
    'deprecated: true',
    'x-amazon-apigateway-request-validator: all',
    /error extension-unsupported/,
  ],
]

for (const [file, written, instead, said] of BROKEN) {
  test(`${file} with ${JSON.stringify(instead)}: ${said.source}`, () => {
    const text = read(file)
    assert.ok(text.includes(written), 'the file still holds what is to be broken')
    const { problems } = load(file, text.replace(written, instead))
    const told = problems.map(
      (each) =>
        `${each.line}:${each.column} ${each.severity} ${each.code} ${each.message} ${each.mend}`,
    )
    assert.ok(
      told.length === 0 ? said.test('') : told.some((line) => said.test(line)),
      told.join('\n') || 'nothing was said',
    )
  })
}
