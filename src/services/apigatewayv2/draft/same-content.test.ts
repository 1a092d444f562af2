import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { textOf } from '../../../definitions/plan/members.ts'
import { isSameContent } from './same-content.ts'

const CASES: [one: unknown, other: unknown, isSame: boolean][] = [
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { b: undefined, a: 1 }, true],
  [{ a: undefined }, { b: 1 }, false],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [[], {}, false],
  [{}, null, false],
  [null, null, true],
  ['1', 1, false],
  [{ toString: 1 }, {}, false],
  [JSON.parse('{"__proto__":{"a":1}}'), {}, false],
  [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}'), true],
]

for (const [one, other, isSame] of CASES) {
  test(`${JSON.stringify(one)} and ${JSON.stringify(other)}`, () => {
    assert.equal(isSameContent(one, other), isSame)
    assert.equal(isSameContent(other, one), isSame)
  })
}

test('is the same as having the same text, members sorted', () => {
  // Few values, so that many pairs are alike. JSON has one zero.
  const leaf = fc.constantFrom<unknown>('', 'a', 0, 1, true, null)
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'toString'), tie('tree'), { noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(tree, tree, (one, other) => {
      assert.equal(isSameContent(one, other), textOf(one) === textOf(other))
      assert.equal(isSameContent(one, structuredClone(one)), true)
    }),
    { numRuns: 300 },
  )
})
