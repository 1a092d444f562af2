/** Real definitions with one or two values replaced by junk: the importer never throws, and never half-accepts. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { importOpenApi } from '../../src/definitions/open-api/open-api.ts'
import { limitsOf } from '../../src/domain/limits.ts'
import { compileOriginUri } from '../../src/integrations/http/origin-uri.ts'
import { compileRouter, parameterNames } from '../../src/runtime/routing/router.ts'

const FOLDER = new URL('./world/', import.meta.url)
const DEFINITIONS = readdirSync(FOLDER).map((file) =>
  JSON.stringify(parse(readFileSync(new URL(file, FOLDER), 'utf8'), { merge: true })),
)

const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    { $ref: '#/paths' },
    { $ref: '#' },
    { $ref: '' },
    { $ref: '#/components/x-amazon-apigateway-integrations/all' },
    'http://{id}/',
    'http://h/{proxy}',
    '${stageVariables.x}',
    '$request.path.id',
    [[]],
    { 'x-amazon-apigateway-cors': {} },
  ),
)

/** Replaces the value at a place that the numbers choose. */
function replaceAt(root: unknown, choices: readonly number[], value: unknown): void {
  let parent: Record<string, unknown> = root as Record<string, unknown>
  for (const [depth, choice] of choices.entries()) {
    const keys = Object.keys(parent)
    if (keys.length === 0) return
    const key = keys[choice % keys.length]!
    const child = parent[key]
    const isLast = depth === choices.length - 1 || typeof child !== 'object' || child === null
    if (isLast) {
      parent[key] = value
      return
    }
    parent = child as Record<string, unknown>
  }
}

const places = fc.array(fc.nat(50), { minLength: 1, maxLength: 7 })
const mutations = fc.array(fc.tuple(places, junk), { minLength: 1, maxLength: 2 })

test('a definition with junk in it is refused with a place, or everything in its stage compiles', () => {
  fc.assert(
    fc.property(fc.constantFrom(...DEFINITIONS), mutations, (definition, replaced) => {
      const root = JSON.parse(definition) as unknown
      for (const [choices, value] of replaced) replaceAt(root, choices, structuredClone(value))
      const { stage, problems } = importOpenApi(
        { file: 'a.json', text: JSON.stringify(root, null, 1) },
        {
          profile: 'extended',
          limits: limitsOf('extended'),
          target: 'http://127.0.0.1:3000',
          accountId: '000000000000',
          region: 'local',
          revision: 1,
        },
      )
      const errors = problems.filter(({ severity }) => severity === 'error')
      assert.equal(stage === undefined, errors.length > 0)
      for (const { line, mend, message } of problems) assert.ok(line > 0 && mend && message)
      if (stage === undefined) return
      compileRouter(stage.routes.map(({ routeKey }) => routeKey))
      for (const { routeKey, integrationId } of stage.routes) {
        const { integrationUri } = stage.integrations[integrationId]!
        compileOriginUri(integrationUri, routeKey, parameterNames(routeKey), stage.stageVariables)
      }
    }),
    { numRuns: 2000 },
  )
})
