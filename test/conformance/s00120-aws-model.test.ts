/**
 * `postern aws-model` against the model that the installed botocore comes with: whatever both know travels in the same
 * place, by the same name, as the same type. So a command line that reads ours sends what it sent before.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runWords } from '../../src/cli/terminal.fake.ts'
import { runBoto3 } from '../harness/outside-clients.ts'

const PRINT = `
import json, sys
from botocore.loaders import Loader
json.dump(Loader().load_service_model('apigatewayv2', 'service-2'), sys.stdout)
`
const NOWHERE = { url: 'http://localhost:1', region: 'x', accessKeyId: 'x', secretAccessKey: 'x' }

interface Ref {
  readonly shape: string
  readonly location?: string
  readonly locationName?: string
}

interface Shape {
  readonly type: string
  readonly members?: Readonly<Record<string, Ref>>
  readonly member?: Ref
  readonly value?: Ref
  readonly required?: readonly string[]
  readonly payload?: string
  readonly timestampFormat?: string
  readonly error?: { readonly httpStatusCode: number }
}

interface Operation {
  readonly http: {
    readonly method: string
    readonly requestUri: string
    readonly responseCode: number
  }
  readonly input?: Ref
  readonly output?: Ref
}

interface Model {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly operations: Readonly<Record<string, Operation>>
  readonly shapes: Readonly<Record<string, Shape>>
}

test('s00120 both models say the same of what both know', async () => {
  const [outside, inside] = [
    await runBoto3('-c', [PRINT], NOWHERE),
    await runWords({ words: ['aws-model', 'print'] }),
  ]
  assert.equal(outside.status, 0, outside.stderr)
  const theirs = JSON.parse(outside.stdout) as Model
  const ours = JSON.parse(inside.out) as Model
  for (const [key, value] of Object.entries(ours.metadata)) {
    assert.equal(theirs.metadata[key], value, key)
  }
  const comparison = new Comparison(theirs, ours)
  for (const name of Object.keys(theirs.operations)) comparison.operation(name)
  assert.ok(comparison.members >= 500, `${comparison.members} members`)
  const errors = Object.keys(theirs.shapes).filter((name) => theirs.shapes[name]?.error)
  for (const name of errors) assert.deepEqual(ours.shapes[name]?.error, theirs.shapes[name]?.error)
})

class Comparison {
  readonly #theirs: Model
  readonly #ours: Model
  readonly #seen = new Set<string>()
  members = 0

  constructor(theirs: Model, ours: Model) {
    this.#theirs = theirs
    this.#ours = ours
  }

  operation(name: string): void {
    const [theirs, ours] = [this.#theirs.operations[name], this.#ours.operations[name]]
    assert.ok(theirs !== undefined && ours !== undefined, `ours has ${name}`)
    assert.deepEqual(wireOf(ours), wireOf(theirs), name)
    for (const side of ['input', 'output'] as const) {
      assert.equal(ours[side] === undefined, theirs[side] === undefined, `${name} ${side}`)
      if (theirs[side] !== undefined) this.#shape(`${name} ${side}`, theirs[side], ours[side]!)
    }
  }

  #shape(place: string, theirRef: Ref, ourRef: Ref): void {
    const pair = `${theirRef.shape} ${ourRef.shape}`
    if (this.#seen.has(pair)) return
    this.#seen.add(pair)
    const theirs = this.#theirs.shapes[theirRef.shape]!
    const ours = this.#ours.shapes[ourRef.shape]!
    const { type, payload, timestampFormat } = theirs
    assert.deepEqual(
      { type: ours.type, payload: ours.payload, timestampFormat: ours.timestampFormat },
      { type, payload, timestampFormat },
      place,
    )
    if (theirs.member !== undefined) this.#shape(`${place}[]`, theirs.member, ours.member!)
    if (theirs.value !== undefined) this.#shape(`${place}{}`, theirs.value, ours.value!)
    this.#structure(place, theirs, ours)
  }

  #structure(place: string, theirs: Shape, ours: Shape): void {
    for (const [key, theirRef] of Object.entries(theirs.members ?? {})) {
      const ourRef = ours.members?.[key]
      if (ourRef === undefined) continue
      this.members++
      const where = `${place}.${key}`
      if (key !== theirs.payload) assert.deepEqual(placeOf(ourRef), placeOf(theirRef), where)
      const needs = ({ required = [] }: Shape) => required.includes(key)
      assert.equal(needs(ours), needs(theirs), `${where} is required`)
      this.#shape(where, theirRef, ourRef)
    }
  }
}

/** Labels are called in the URI as their members are, in each model by its own spelling. */
function wireOf({ http }: Operation): object {
  return { ...http, requestUri: http.requestUri.replaceAll(/\{[^}]+\}/g, '{}') }
}

function placeOf({ location, locationName }: Ref): object {
  return { location, locationName: location === 'uri' ? undefined : locationName }
}
