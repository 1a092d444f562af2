/** Routing rules: by base path and header, in the order of their priorities, before or instead of API mappings. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const rule = { stageName: '$default', stripBasePath: false, headers: [], basePaths: [] }

test('n00002 the first rule that holds counts, then the mappings, then nobody', async (t) => {
  const origin = await startEcho(t)
  const stages = ['apiaa', 'apibb', 'apicc'].map((apiId) => ({
    apiId,
    routes: { $default: `${origin.url}/${apiId}` },
  }))
  const rules = [
    {
      ...{ ...rule, ruleId: 'first', priority: 10, apiId: 'apiaa' },
      headers: [[{ name: 'hello', glob: 'World' }]],
    },
    {
      ...{ ...rule, ruleId: 'second', priority: 50, apiId: 'apibb', stripBasePath: true },
      headers: [[{ name: 'x-version', glob: '*a*' }], [{ name: 'x-version', glob: '*b*' }]],
      basePaths: ['shop/v2', 'shop'],
    },
  ]
  const mappings = [{ key: 'shop', apiId: 'apicc', stageName: '$default' }]
  const gateway = await startGateway(t, {
    stages,
    domains: [
      {
        ...{ domainName: 'api.example.com', rules, mappings },
        routingMode: 'ROUTING_RULE_THEN_API_MAPPING',
      },
      { domainName: 'rules.example.com', rules, mappings, routingMode: 'ROUTING_RULE_ONLY' },
      { domainName: 'mappings.example.com', rules, mappings },
    ],
    logFormat: '$context.requestId $context.customDomain.routingRuleIdMatched $context.path',
  })
  const CASES: readonly (readonly [string, string, readonly string[], string, string])[] = [
    ['api', '/shop/dogs', ['Hello: World'], '/apiaa/shop/dogs', 'first /shop/dogs'],
    ['api', '/shop/dogs', ['x-version: backup'], '/apibb/dogs', 'second /shop/dogs'],
    ['api', '/shop/v2/dogs', ['X-VERSION: beta'], '/apibb/dogs', 'second /shop/v2/dogs'],
    ['api', '/shop/dogs', ['x-version: alpha'], '/apicc/dogs', '- /shop/dogs'],
    ['api', '/shop/dogs', ['x-version: a', 'x-version: b'], '/apibb/dogs', 'second /shop/dogs'],
    ['api', '/other', ['x-version: backup'], '403', ''],
    ['rules', '/shop/dogs', [], '403', ''],
    ['rules', '/x', ['Hello: World'], '/apiaa/x', 'first /x'],
    ['mappings', '/shop/dogs', ['Hello: World'], '/apicc/dogs', '- /shop/dogs'],
  ]
  for (const [name, path, fields, target, log] of CASES) {
    const response = await gateway.get(path, `Host: ${name}.example.com`, ...fields)
    const what = `${name} ${path} ${fields.join(', ')}`
    if (target === '403') {
      assert.equal(response.status, 403, what)
      assert.match(gateway.explain(response).passes!, /rule 10|\/shop/)
      continue
    }
    assert.equal((response.json as Echo).target, target, what)
    assert.equal(gateway.logLines.at(-1)?.replace(/^\S+ /, ''), log)
  }
})
