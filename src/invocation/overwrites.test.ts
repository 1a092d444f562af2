import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { HeaderFields } from '../http/message/header-fields.ts'
import { type AppliedRule, applyHeaderRules, serializeMapped } from './mapped-headers.ts'
import { compileOverwrites, type UnappliedRule } from './overwrites.ts'

type Values = Readonly<Record<string, string | undefined>>

const NAMES = ['x-a', 'x-b', 'authorization', 'via']
const OPS = ['remove', 'overwrite'] as const

/** In the order of mappings: what is removed, then what is overwritten; each rule once. */
const rules = fc
  .uniqueArray(fc.record({ op: fc.constantFrom(...OPS), name: fc.constantFrom(...NAMES) }), {
    selector: ({ op, name }) => op + name,
  })
  .map((all) => [...all].sort((one, other) => OPS.indexOf(one.op) - OPS.indexOf(other.op)))
const value = fc.option(fc.constantFrom('', '1', 'ä', 'a\r\nb', '\u20ac'), { nil: undefined })
const values = fc.record(Object.fromEntries(NAMES.map((name) => [name, value])))
const spelling = fc.constantFrom('x-a', 'X-A', 'X-B', 'Authorization', 'Via', 'Other', 'x-ab')
const message = fc.array(fc.tuple(spelling, fc.constantFrom('1', '2')), { maxLength: 6 })

function slowly(rules: readonly UnappliedRule<Values>[], source: Values, fields: HeaderFields) {
  const applied: AppliedRule[] = []
  for (const { op, name, value } of rules) {
    const text = op === 'remove' ? '' : value(source)
    if (text !== undefined) applied.push({ op, name, value: text })
  }
  return applyHeaderRules(applied, (name) => fields.get(name))
}

test('says what the slow way says, or leaves it to the slow way', () => {
  let quick = 0
  fc.assert(
    fc.property(rules, values, message, (written, source, lines) => {
      const all = written.map(({ op, name }) => ({ op, name, value: (of: Values) => of[name] }))
      const fields = new HeaderFields(16)
      for (const [name, text] of lines) fields.append(name, text)
      const mapped = compileOverwrites(all)!(source)
      if (mapped === undefined) return
      quick++
      const expected = slowly(all, source, fields)
      assert.ok(expected !== undefined)
      assert.equal(serializeMapped(fields, 0, mapped), serializeMapped(fields, 0, expected))
      assert.equal(mapped.host, expected.host)
    }),
    { numRuns: 500 },
  )
  assert.ok(quick > 50, `${quick} of them were quick`)
})

for (const [what, rule, source] of [
  ['a value that is not there', { op: 'overwrite', name: 'x-a' }, {}],
  [
    'a value that would be a second field',
    { op: 'overwrite', name: 'x-a' },
    { 'x-a': 'a\r\nb: c' },
  ],
] as const) {
  test(`${what} is for the slow way`, () => {
    const run = compileOverwrites([{ ...rule, value: (of: Values) => of['x-a'] }])
    assert.equal(run?.(source), undefined)
  })
}

test('so are rules that join, and a Host', () => {
  for (const rule of [
    { op: 'append', name: 'x-a' },
    { op: 'overwrite', name: 'host' },
  ] as const) {
    assert.equal(compileOverwrites([{ ...rule, value: () => '1' }]), undefined)
  }
})
