import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HttpApiStage } from '../../domain/http-api.ts'
import { StageNumbers } from './stage-numbers.ts'

function stage(apiId: string, revision: number): HttpApiStage {
  return { accountId: '1', apiId, stageName: 'prod', revision } as HttpApiStage
}

test('a stage keeps its number while its revision is the same', () => {
  const numbers = new StageNumbers()
  const first = numbers.numberOf(stage('a', 1))
  assert.equal(numbers.numberOf(stage('a', 1)), first)
  assert.notEqual(numbers.numberOf(stage('a', 2)), first)
  assert.equal(numbers.stageOf(first)?.revision, 1)
  assert.equal(numbers.latestRevision(stage('a', 1)), 2)
})

test('old stages are forgotten, those of the last deployment never', () => {
  const numbers = new StageNumbers()
  const steady = numbers.numberOf(stage('steady', 1))
  const first = numbers.numberOf(stage('a', 1))
  numbers.settle()
  for (let revision = 2; revision < 200; revision++) {
    assert.equal(numbers.numberOf(stage('steady', 1)), steady)
    numbers.numberOf(stage('a', revision))
    numbers.settle()
  }
  assert.equal(numbers.stageOf(first), undefined)
  assert.equal(numbers.stageOf(steady)?.apiId, 'steady')
})
