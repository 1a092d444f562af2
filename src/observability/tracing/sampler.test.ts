import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reservoirBytes, StageSampler } from './sampler.ts'
import { AWS_RULE, rateRule, readSamplingRules, SamplingRulesError } from './sampling-rules.ts'
import { matchesWildcards } from './wildcards.ts'

const CALL = { host: 'shop.example', method: 'GET', path: '/pets/7' }
const SECOND = 1_000

function cellsFor(rules: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(reservoirBytes(rules)))
}

test('a reservoir gives away its calls once a second, over all workers', () => {
  const cells = cellsFor(1)
  const workers = [1, 2].map(() => new StageSampler('shop/prod', [AWS_RULE], cells))
  const at = (ms: number) =>
    workers.map((worker) => worker.samples(CALL, ms, 0.99)).filter(Boolean).length
  assert.equal(at(5 * SECOND), 1)
  assert.equal(at(5 * SECOND + 999), 0)
  assert.equal(at(6 * SECOND), 1)
})

test('beyond the reservoir, the rate decides', () => {
  const sampler = new StageSampler('a/b', [rateRule(0.05)], cellsFor(1))
  assert.equal(sampler.samples(CALL, 0, 0.0499), true)
  assert.equal(sampler.samples(CALL, 0, 0.05), false)
})

test('without rules nothing is sampled', () => {
  assert.equal(new StageSampler('a/b', [], cellsFor(0)).samples(CALL, 0, 0), false)
})

const RULES = JSON.stringify({
  version: 2,
  rules: [
    { description: 'health', url_path: '/health', fixed_target: 0, rate: 0 },
    { service_name: 'shop/*', http_method: 'post', host: '*.EXAMPLE', fixed_target: 0, rate: 1 },
    { service_name: 'other/*', fixed_target: 0, rate: 1 },
  ],
  default: { fixed_target: 0, rate: 0.5 },
})

test('the first rule that fits decides', () => {
  const rules = readSamplingRules(RULES)
  const sampler = new StageSampler('shop/prod', rules, cellsFor(rules.length))
  const sampled = (call: Partial<typeof CALL>, random: number) =>
    sampler.samples({ ...CALL, ...call }, 0, random)
  assert.equal(sampled({ path: '/health' }, 0), false)
  assert.equal(sampled({ path: '/Health' }, 0.4), true, 'paths are compared exactly')
  assert.equal(sampled({ method: 'POST' }, 0.9), true)
  assert.equal(sampled({}, 0.9), false)
  assert.equal(sampled({}, 0.4), true)
})

const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
  ['no JSON', '{', /not JSON/],
  ['version 1', { version: 1, default: { fixed_target: 1, rate: 0 } }, /version must be 2/],
  ['no default', { version: 2, rules: [] }, /default must be an object/],
  [
    'a misspelt member',
    { version: 2, rules: [{ url: '/', fixed_target: 1, rate: 0 }], default: {} },
    /rules\[0\] has no member url/,
  ],
  ['a rate above 1', { version: 2, default: { fixed_target: 1, rate: 5 } }, /default\.rate/],
  ['a target', { version: 2, default: { fixed_target: 1.5, rate: 0 } }, /fixed_target/],
  [
    'too many',
    {
      version: 2,
      rules: Array.from({ length: 101 }, () => ({ fixed_target: 0, rate: 0 })),
      default: { fixed_target: 0, rate: 0 },
    },
    /more than 100/,
  ],
]

for (const [name, file, message] of REFUSED) {
  test(`refused: ${name}`, () => {
    const text = typeof file === 'string' ? file : JSON.stringify(file)
    assert.throws(() => readSamplingRules(text), SamplingRulesError)
    assert.throws(() => readSamplingRules(text), { message })
  })
}

/** The slow and obvious twin. */
function slowly(pattern: string, text: string): boolean {
  const quoted = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${quoted.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text)
}

test('wildcards fit what they say', () => {
  const patterns = ['', '*', '?', 'a*', '*a', 'a*b*c', '**', '?*', 'a?c', '/pets/*/toys', '*.b.*']
  const texts = ['', 'a', 'abc', 'aXbXc', '/pets/7/toys', '/pets//toys', 'x.b.c', 'ac', 'aabbcc']
  for (const pattern of patterns) {
    for (const text of texts) {
      const say = `${pattern} on ${text}`
      assert.equal(matchesWildcards(pattern, text, true), slowly(pattern, text), say)
    }
  }
  assert.equal(matchesWildcards('SHOP/*', 'shop/prod', false), true)
  assert.equal(matchesWildcards('SHOP/*', 'shop/prod', true), false)
})

test('no pattern takes long', () => {
  const pattern = `${'*a'.repeat(200)}b`
  const start = performance.now()
  assert.equal(matchesWildcards(pattern, 'a'.repeat(10_000), true), false)
  assert.ok(performance.now() - start < 1_000)
})
