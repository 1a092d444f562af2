import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { compilePattern, matchesPattern, type PolicyContext } from './wildcard.ts'

const NOTHING: PolicyContext = { valuesOf: () => undefined }
const ADA: PolicyContext = {
  valuesOf: (key) => ({ 'aws:username': ['a*a'], 'aws:tagkeys': ['x', 'y'] })[key],
}

function matches(pattern: string, text: string, context = NOTHING, folded = false) {
  const compiled = compilePattern(pattern, { variables: true, wildcards: true, folded })
  return compiled && matchesPattern(compiled, text, context)
}

test('wildcards', () => {
  const cases: [pattern: string, text: string, boolean][] = [
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'a/b:c', true],
    ['?', '', false],
    ['?', 'a', true],
    ['a*c', 'ac', true],
    ['a*c', 'a/x/y:c', true],
    ['a*c', 'acb', false],
    ['a?c', 'ac', false],
    ['a?c', 'a/c', true],
    ['*a*b*', 'xaxbx', true],
    ['*a*b*', 'xbxax', false],
    ['**', 'x', true],
    ['a**?b', 'acb', true],
    ['a**?b', 'ab', false],
    ['A', 'a', false],
    ['a.c', 'abc', false],
    ['a[b]', 'a[b]', true],
    ['a\\*', 'a\\xyz', true],
    ['/stage/GET/*', '/stage/GET/a/b/c', true],
    ['/stage/GET/*/c', '/stage/GET/a/b/c', true],
    ['/stage/GET/a', '/stage/GET/a/', false],
  ]
  for (const [pattern, text, expected] of cases) {
    assert.equal(matches(pattern, text), expected, `${pattern} ${text}`)
  }
  assert.equal(matches('Execute-API:inv*', 'execute-api:Invoke', NOTHING, true), true)
})

test('variables', () => {
  const cases: [pattern: string, text: string, boolean | undefined][] = [
    ['home/${aws:username}', 'home/a*a', true],
    ['home/${AWS:UserName}', 'home/a*a', true],
    // What comes out of a variable has no wildcards.
    ['home/${aws:username}', 'home/abba', false],
    ['home/${aws:username}/*', 'home/a*a/b', true],
    ['${aws:userid}', '', undefined],
    ["${aws:userid, 'nobody'}", 'nobody', true],
    ["${aws:username,'nobody'}", 'nobody', false],
    ['${aws:TagKeys}', 'x', undefined],
    ['${*}${?}${$}', '*?$', true],
    ['${*}', 'x', false],
    ['$', '$', true],
  ]
  for (const [pattern, text, expected] of cases) {
    assert.equal(matches(pattern, text, ADA), expected, `${pattern} ${text}`)
  }
  for (const broken of ['${', '${}', '${aws:username', '${a b}', '${aws:x,y}']) {
    assert.equal(matches(broken, broken), undefined, broken)
    assert.equal(compilePattern(broken, { variables: true, wildcards: true }), undefined)
  }
  const plain = compilePattern('${aws:username}', { variables: false, wildcards: true })
  assert.equal(matchesPattern(plain!, '${aws:username}', ADA), true, '2008-10-17 has no variables')
})

/** The definition of a wildcard, as it stands. */
function slowly(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const [first, rest] = [pattern[0], pattern.slice(1)]
  if (first === '*') return slowly(rest, text) || (text !== '' && slowly(pattern, text.slice(1)))
  return text !== '' && (first === '?' || first === text[0]) && slowly(rest, text.slice(1))
}

const FEW = fc.array(fc.constantFrom('a', 'b', '/', '*', '?'), { maxLength: 10 })

test('does what the definition says', () => {
  fc.assert(
    fc.property(FEW, FEW, (pattern, text) => {
      const [written, given] = [pattern.join(''), text.join('')]
      assert.equal(matches(written, given), slowly(written, given), `${written} ${given}`)
    }),
    { numRuns: 5_000 },
  )
})

test('a pattern of stars takes no time', () => {
  const started = performance.now()
  assert.equal(matches(`${'*a'.repeat(500)}b`, 'a'.repeat(20_000)), false)
  assert.ok(performance.now() - started < 1_000)
})
