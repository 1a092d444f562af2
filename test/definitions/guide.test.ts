/** The guide's examples load without a warning, and its table names every extension there is. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { EXTENSIONS } from '../../src/definitions/open-api/extensions.ts'
import { importOpenApi } from '../../src/definitions/open-api/open-api.ts'
import { limitsOf } from '../../src/domain/limits.ts'

const GUIDE = readFileSync(new URL('../../docs/guide/openapi.md', import.meta.url), 'utf8')
const EXAMPLES = [...GUIDE.matchAll(/```yaml\n(.*?)```/gs)].map((found) => found[1]!)

for (const text of EXAMPLES) {
  test(`the example ${/title: (\w+)/.exec(text)?.[1]} loads`, () => {
    const { stage, problems } = importOpenApi(
      { file: 'example.yaml', text },
      {
        profile: 'aws',
        limits: limitsOf('aws'),
        target: 'http://localhost:3000',
        accountId: '000000000000',
        region: 'local',
        revision: 1,
      },
    )
    assert.deepEqual(problems, [])
    assert.ok(stage!.routes.length > 0)
  })
}

test('every extension is in the guide, and the guide has no other', () => {
  const named = new Set(GUIDE.match(/x-(?:amazon-apigateway|postern)-[a-z-]*[a-z]/g))
  assert.deepEqual([...named].sort(), Object.keys(EXTENSIONS).sort())
})
