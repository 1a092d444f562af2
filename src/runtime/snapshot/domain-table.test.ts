import assert from 'node:assert/strict'
import test from 'node:test'
import type { CustomDomain, DomainRule } from '../../domain/custom-domain.ts'
import { HeaderFields } from '../../http/message/header-fields.ts'
import { compileDomains } from './compile-domains.ts'
import { type DomainTable, pathBehind } from './domain-table.ts'

function domain(given: Partial<CustomDomain>): CustomDomain {
  return {
    domainName: 'api.example.com',
    accountId: '123456789012',
    region: 'eu-west-1',
    endpointAccessMode: 'BASIC',
    routingMode: 'API_MAPPING_ONLY',
    mappings: [],
    rules: [],
    mutualTls: false,
    ...given,
  }
}

function rule(given: Partial<DomainRule> & Pick<DomainRule, 'priority'>): DomainRule {
  const ruleId = `rule${given.priority}`
  const none = { basePaths: [], headers: [], stageName: 'prod', stripBasePath: false }
  return { ruleId, apiId: 'pets', ...none, ...given }
}

/** A stage is its own name here; APIs called `gone` have none. */
function compiled(...domains: readonly CustomDomain[]): DomainTable<string> {
  const problems: string[] = []
  const find = (apiId: string, stage: string) =>
    apiId === 'gone' ? undefined : `${apiId}/${stage}`
  const table = compileDomains({ revision: 1, domains }, find, { tls: undefined, problems })
  assert.deepEqual(problems, [])
  return table!
}

/** `{stage} {path}` of a request, with header lines `name: value`. */
function route(table: DomainTable<string>, path: string, ...lines: readonly string[]): string {
  const fields = new HeaderFields(8)
  for (const line of lines) {
    const [name = '', value = ''] = line.split(': ')
    fields.append(name, value)
  }
  const target = table.at('api.example.com')!.find(path, fields)
  return target === undefined ? 'nothing' : `${target.stage} ${pathBehind(target, path)}`
}

const mapping = (key: string, apiId: string) => ({ key, apiId, stageName: 'prod' })

test('an exact name wins over a wildcard, which stands for one label', () => {
  const names = ['api.example.com', '*.example.com', '*.a.example.com', 'example.com']
  const table = compiled(...names.map((domainName) => domain({ domainName })))
  const found = (host: string) => table.at(host)?.document.domainName
  assert.equal(found('api.example.com'), 'api.example.com')
  assert.equal(found('other.example.com'), '*.example.com')
  assert.equal(found('b.a.example.com'), '*.a.example.com')
  assert.equal(found('a.example.com'), '*.example.com')
  assert.equal(found('example.com'), 'example.com')
  const nobody = ['c.b.a.example.com', '.example.com', 'com', '', '[::1]', 'xexample.com', '*.com']
  for (const host of nobody) assert.equal(found(host), undefined, host)
  assert.deepEqual(
    [...table.names].sort(),
    [...names].sort((one, other) => (one < other ? -1 : 1)),
  )
})

test('base paths are stripped, and parameters and escapes in them change nothing', () => {
  const mappings = [mapping('', 'root'), mapping('orders/v1', 'orders'), mapping("a$b'(c)", 'odd')]
  const table = compiled(domain({ mappings }))
  const CASES: readonly (readonly [string, string])[] = [
    ['/orders/v1/items/5', 'orders/prod /items/5'],
    ['/orders/v1/', 'orders/prod /'],
    ['/orders/v1', 'orders/prod /'],
    ['/orders;v=1/v1;x/items;y=2', 'orders/prod /items;y=2'],
    ['/orders/v10/items', 'root/prod /orders/v10/items'],
    ['/orders/v1%3Bx/items', 'orders/prod /items'],
    ['/Orders/v1/items', 'root/prod /Orders/v1/items'],
    ["/a$b'(c)/d", 'odd/prod /d'],
    ['/a%24b%27%28c%29/d%20e', 'odd/prod /d%20e'],
    ['/', 'root/prod /'],
  ]
  for (const [path, result] of CASES) assert.equal(route(table, path), result, path)
})

test('rules are tried by priority, and the first that holds counts', () => {
  const hello = [[{ name: 'hello', glob: 'World' }]]
  const pets = [[{ name: 'accept', glob: 'image/webp' }], [{ name: 'pet', glob: 'Dog-*' }]]
  const rules = [
    rule({ priority: 100, apiId: 'c' }),
    rule({ priority: 50, apiId: 'b', headers: pets, basePaths: ['PetStoreShopper'] }),
    rule({ priority: 10, apiId: 'a', headers: hello }),
  ]
  const table = compiled(domain({ routingMode: 'ROUTING_RULE_ONLY', rules }))
  const lines = ['Accept: image/webp', 'Pet: Dog-Bella']
  const at = '/PetStoreShopper/dogs'
  assert.equal(route(table, at, 'hello: World', ...lines), `a/prod ${at}`)
  assert.equal(route(table, at, ...lines), `b/prod ${at}`)
  assert.equal(route(table, '/PetStore/dogs', ...lines), 'c/prod /PetStore/dogs')
  assert.equal(route(table, at, 'Accept: image/webp', 'Pet: dog-Bella'), `c/prod ${at}`)
})

test('a rule strips the longest base path of its own that fits, where it says so', () => {
  const basePaths = ['PetStoreShopper', 'PetStoreShopper/v2']
  for (const stripBasePath of [true, false]) {
    const rules = [rule({ priority: 1, basePaths, stripBasePath })]
    const table = compiled(domain({ routingMode: 'ROUTING_RULE_ONLY', rules }))
    const shown = (path: string, rest: string) => `pets/prod ${stripBasePath ? rest : path}`
    const CASES = [
      ['/PetStoreShopper/dogs', '/dogs'],
      ['/PetStoreShopper/v2/dogs', '/dogs'],
      ['/PetStoreShopper/v2', '/'],
    ] as const
    for (const [path, rest] of CASES) assert.equal(route(table, path), shown(path, rest))
    assert.equal(route(table, '/PetStoreShopperX/dogs'), 'nothing')
    assert.equal(route(table, '/petstoreshopper/dogs'), 'nothing')
  }
})

test('the routing mode says what counts', () => {
  const parts = {
    rules: [rule({ priority: 1, apiId: 'ruled', basePaths: ['a'] })],
    mappings: [mapping('a', 'mapped'), mapping('b', 'mapped')],
  }
  const CASES = [
    ['API_MAPPING_ONLY', 'mapped/prod /', 'mapped/prod /'],
    ['ROUTING_RULE_ONLY', 'ruled/prod /a', 'nothing'],
    ['ROUTING_RULE_THEN_API_MAPPING', 'ruled/prod /a', 'mapped/prod /'],
  ] as const
  for (const [routingMode, ofA, ofB] of CASES) {
    const table = compiled(domain({ ...parts, routingMode }))
    assert.deepEqual([route(table, '/a'), route(table, '/b')], [ofA, ofB], routingMode)
  }
})

test('a stage that is not served is found, and is none', () => {
  const table = compiled(domain({ mappings: [mapping('', 'gone')] }))
  assert.equal(route(table, '/x'), 'undefined /x')
})

test('no domain names cost nothing, and one that stands there twice is a problem', () => {
  const find = () => 'stage'
  assert.equal(compileDomains(undefined, find, { tls: undefined, problems: [] }), undefined)
  assert.equal(
    compileDomains({ revision: 1, domains: [] }, find, { tls: undefined, problems: [] }),
    undefined,
  )
  const problems: string[] = []
  compileDomains({ revision: 1, domains: [domain({}), domain({})] }, find, {
    tls: undefined,
    problems,
  })
  assert.deepEqual(problems, ['domain name api.example.com is there twice'])
})
