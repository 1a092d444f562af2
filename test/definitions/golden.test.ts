/**
 * Every file under `golden/` is a definition, a line of four hyphens, and what the importer makes of it: the routes with
 * their integrations, or the problems. A first line `#! --target URL --limits aws --base-path prepend` sets options.
 * `UPDATE_GOLDEN=1 node --test test/definitions/golden.test.ts` rewrites what is expected; read the difference.
 */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseArgs } from 'node:util'
import { type ImportOptions, importOpenApi } from '../../src/definitions/open-api/open-api.ts'
import type { HttpApiStage, Integration } from '../../src/domain/http-api.ts'
import { type LimitProfile, limitsOf } from '../../src/domain/limits.ts'
import { formatProblem } from '../../src/domain/problem.ts'

const FOLDER = new URL('./golden/', import.meta.url)
const RULE = '\n----\n'

for (const name of readdirSync(FOLDER).sort()) {
  test(name, () => {
    const url = new URL(name, FOLDER)
    const [input = '', expected = ''] = readFileSync(url, 'utf8').split(RULE)
    const actual = render(name.replace(/\.txt$/, ''), input)
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(url, `${input}${RULE}${actual}`)
    else assert.equal(actual, expected)
  })
}

function render(name: string, input: string): string {
  const [first = ''] = input.split('\n', 1)
  const isOptions = first.startsWith('#!')
  const text = isOptions ? input.slice(first.length) : input
  const file = name.endsWith('.json') ? name : `${name}.yaml`
  const { stage, problems } = importOpenApi({ file, text }, optionsOf(isOptions ? first : ''))
  const lines = problems.map(formatProblem)
  return `${[...(stage === undefined ? [] : summaryOf(stage)), ...lines].join('\n')}\n`
}

function optionsOf(line: string): ImportOptions {
  const { values } = parseArgs({
    args: line.split(' ').slice(1),
    options: {
      target: { type: 'string' },
      limits: { type: 'string', default: 'extended' },
      'base-path': { type: 'string' },
    },
  })
  const profile = values.limits as LimitProfile
  const basePath = values['base-path'] as 'prepend' | undefined
  return {
    profile,
    limits: limitsOf(profile),
    ...(values.target === undefined ? {} : { target: values.target }),
    ...(basePath === undefined ? {} : { basePath }),
    accountId: '000000000000',
    region: 'local',
    revision: 1,
  }
}

function summaryOf(stage: HttpApiStage): string[] {
  const lines = [`${stage.apiName}, stage ${stage.stageName}`]
  for (const [name, value] of Object.entries(stage.stageVariables))
    lines.push(`variable ${name} = ${value}`)
  if (stage.disableExecuteApiEndpoint) lines.push('default endpoint disabled')
  if (stage.detailedMetricsEnabled) lines.push('detailed metrics')
  if (stage.corsConfiguration !== undefined)
    lines.push(`cors ${JSON.stringify(stage.corsConfiguration)}`)
  for (const authorizer of Object.values(stage.authorizers ?? {})) {
    const { name, issuer, audience, identitySource } = authorizer
    lines.push(`authorizer ${name} ${issuer} for ${audience} in ${identitySource}`)
  }
  for (const route of stage.routes) {
    const name = route.operationName === undefined ? '' : ` ${route.operationName}`
    lines.push(`${route.routeKey}${name} (${route.source})`)
    const { authorization } = route
    if (authorization?.authorizationType === 'AWS_IAM') lines.push('  authorizer AWS_IAM')
    if (authorization?.authorizationType === 'JWT') {
      const { name: guard } = stage.authorizers![authorization.authorizerId]!
      lines.push(['  authorizer', guard, ...authorization.scopes].join(' '))
    }
    lines.push(...integrationLines(stage.integrations[route.integrationId]!))
  }
  return lines
}

function integrationLines(integration: Integration): string[] {
  const { integrationMethod, integrationUri, timeoutInMillis, source } = integration
  const lines = [
    `  -> ${integrationMethod} ${integrationUri} within ${timeoutInMillis} ms (${source})`,
  ]
  for (const [key, value] of Object.entries(integration.requestParameters)) {
    lines.push(`     request ${key} = ${value}`)
  }
  for (const [status, rules] of Object.entries(integration.responseParameters)) {
    for (const [key, value] of Object.entries(rules)) lines.push(`     ${status} ${key} = ${value}`)
  }
  if (integration.tlsConfig !== undefined)
    lines.push(`     tls ${JSON.stringify(integration.tlsConfig)}`)
  return lines
}
