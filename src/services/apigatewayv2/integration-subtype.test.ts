import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findSubtypeProblem } from '../../definitions/open-api/resource-uri.ts'
import { findParameterProblem, SUBTYPES } from './integration-subtype.ts'

test('there are parameters for every action that a definition can name', () => {
  const names = findSubtypeProblem('')!.mend.match(/[A-Za-z]+-[A-Za-z]+/g)!
  assert.deepEqual(names.sort(), Object.keys(SUBTYPES).sort())
})

for (const [subtype, { required, optional }] of Object.entries(SUBTYPES)) {
  test(`${subtype} takes all its parameters, and needs ${required.join(', ')}`, () => {
    const all = [...required, ...optional, 'Region']
    const parameters = Object.fromEntries(all.map((name) => [name, '$request.header.x']))
    assert.equal(findParameterProblem(subtype, parameters), undefined)
    for (const name of required) {
      const { [name]: _, ...others } = parameters
      assert.match(findParameterProblem(subtype, others)!, new RegExp(`needs the .* ${name}$`))
    }
  })
}

test('unknown parameters and values that cannot be compiled are told', () => {
  const queue = { QueueUrl: 'https://sqs.example/q' }
  assert.match(
    findParameterProblem('SQS-PurgeQueue', { ...queue, Regoin: 'x' })!,
    /Did you mean Region/,
  )
  assert.match(findParameterProblem('SQS-PurgeQueue', { QueueUrl: '$nothing.x' })!, /QueueUrl/)
})
