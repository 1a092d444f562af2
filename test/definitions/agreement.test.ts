/**
 * Two ways lead from a definition file to a stage: directly, as `postern lint` and `routes` take it, and through the
 * resources that the management API stores and freezes. Both end at the same document, or with a refusal.
 */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { httpApiDefinitions } from '../../src/definitions/open-api/http-api-definition.fake.ts'
import { importHttpApi, importOpenApi } from '../../src/definitions/open-api/open-api.ts'
import type { HttpApiStage } from '../../src/domain/http-api.ts'
import type { HttpApiDefinition, StageSettings } from '../../src/domain/http-api-definition.ts'
import { limitsOf } from '../../src/domain/limits.ts'
import { findAuthorizerProblem } from '../../src/services/apigatewayv2/authorizer-rules.ts'
import { stageDocument } from '../../src/services/apigatewayv2/going-live/stage-document.ts'
import { findIntegrationProblem } from '../../src/services/apigatewayv2/integration-rules.ts'

const SCOPE = { accountId: '000000000000', region: 'local' }
const OPTIONS = {
  profile: 'extended',
  limits: limitsOf('extended'),
  target: 'http://127.0.0.1:3000',
  ...SCOPE,
} as const

function textsIn(folder: string): [file: string, text: string][] {
  const url = new URL(folder, import.meta.url)
  return readdirSync(url).map((file) => {
    const [text = ''] = readFileSync(new URL(file, url), 'utf8').split('\n----\n')
    const name = file.replace(/\.txt$/, '')
    const withSyntax = /\.(json|yaml)$/.test(name) ? name : `${name}.yaml`
    return [withSyntax, text.replace(/^#!.*\n/, '')]
  })
}

function throughTheStore(
  direct: HttpApiStage,
  definition: HttpApiDefinition,
  stage: StageSettings,
): unknown {
  const { apiId, deploymentId, revision } = direct
  return stageDocument({
    scope: SCOPE,
    apiId,
    apiName: definition.api.Name!,
    definition,
    stage: {
      ...stage,
      StageName: stage.StageName!,
      DeploymentId: deploymentId,
      servedRevision: revision,
    },
    limits: OPTIONS.limits,
  })
}

for (const [file, text] of [...textsIn('./golden/'), ...textsIn('./world/')]) {
  test(file, () => {
    const direct = importOpenApi({ file, text }, { ...OPTIONS, revision: 3 })
    const { definition, stage, problems } = importHttpApi(
      { file, text },
      { ...OPTIONS, enforce: 'everything' },
    )
    assert.deepEqual(problems, direct.problems)
    assert.equal(definition === undefined, direct.stage === undefined)
    if (definition === undefined || direct.stage === undefined) return
    assert.deepEqual(throughTheStore(direct.stage, definition, stage), {
      kind: 'document',
      document: direct.stage,
    })
  })
}

test('some definitions are good, and some are not', () => {
  const results = textsIn('./golden/').map(
    ([file, text]) =>
      importOpenApi({ file, text }, { ...OPTIONS, revision: 3 }).stage !== undefined,
  )
  assert.ok(results.includes(true) && results.includes(false))
})

test('what the round-trip tests call any API is what the management API would store', () => {
  fc.assert(
    fc.property(httpApiDefinitions, ({ integrations, authorizers }) => {
      for (const integration of integrations) {
        assert.equal(findIntegrationProblem(integration, OPTIONS.limits), undefined)
      }
      for (const authorizer of authorizers) {
        assert.equal(findAuthorizerProblem(authorizer, OPTIONS.limits), undefined)
      }
    }),
    { numRuns: 200 },
  )
})
