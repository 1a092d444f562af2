import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JSON_BODY_BYTES_MAX, JsonBodies, parseJsonBody } from './json-body.ts'
import { compileJsonPath, evaluateJsonPath, JsonPathError, printJsonValue } from './json-path.ts'

function select(path: string, json: string): string | undefined {
  const document = parseJsonBody(new TextEncoder().encode(json))
  return printJsonValue(evaluateJsonPath(compileJsonPath(path), document))
}

const ORDER = '{"id":7,"who":{"name":"Ann","a b":"x","q\'t":1},"lines":[{"n":1},{"n":2},{"m":3}]}'

const SELECTED: [path: string, json: string, selected: string | undefined][] = [
  ['', '[1, 2]', '[1,2]'],
  ['.id', ORDER, '7'],
  ['.who.name', ORDER, 'Ann'],
  ["['who']['a b']", ORDER, 'x'],
  ['["who"]["name"]', ORDER, 'Ann'],
  ["['who']['q\\'t']", ORDER, '1'],
  ['.lines[1].n', ORDER, '2'],
  ['.lines[1]', ORDER, '{"n":2}'],
  ['.lines[9]', ORDER, undefined],
  ['.lines.length', ORDER, undefined],
  ['.lines.0', ORDER, undefined],
  ['.lines[*].n', ORDER, '[1,2]'],
  ['.lines.*.n', ORDER, '[1,2]'],
  ['.who[*]', ORDER, '["Ann","x",1]'],
  ['.none[*]', ORDER, '[]'],
  ['.who.name.length', ORDER, undefined],
  ['.who[0]', ORDER, undefined],
  ['.a', '{"a":null}', undefined],
  ['.a', '{"a":true}', 'true'],
  ['.a', '{"a":""}', ''],
  ['.a', '{"a":1,"a":2}', '2'],
  ['.a', '{"a":12345678901234567890}', '12345678901234567890'],
  ['.a', '{"a":1.0}', '1.0'],
  ['.a', '{"a":[1.50,1e3]}', '[1.50,1e3]'],
  ['.a.rawJSON', '{"a":1.0}', undefined],
  ['.a[*].rawJSON', '{"a":[1.0]}', '[]'],
  ['.constructor.name', '{}', undefined],
  ['.__proto__.x', '{"__proto__":{"x":1}}', '1'],
  ['.__proto__', '{}', undefined],
  ['.a', 'not json', undefined],
  ['.a', '', undefined],
  ['.a', '\ufeff{"a":1}', '1'],
  ['.größe', '{"größe":"M"}', 'M'],
]

for (const [path, json, selected] of SELECTED) {
  test(`${path || 'the root'} of ${json} is ${selected}`, () => {
    assert.equal(select(path, json), selected)
  })
}

const REFUSED: [path: string, message: RegExp, offset: number][] = [
  ['..a', /Recursive descent/, 0],
  ['.a..b', /Recursive descent/, 2],
  ['.a[?(@.x)]', /Filter/, 2],
  ['.a[0:2]', /Slices/, 2],
  ['.a[-1]', /Negative/, 2],
  ['.', /no step/, 0],
  ['.a.', /no step/, 2],
  ['a', /no step/, 0],
  ['.a[b]', /no step/, 2],
  ["['a]", /no step/, 0],
  ['.a'.repeat(33), /more than 32 steps/, 64],
]

for (const [path, message, offset] of REFUSED) {
  test(`${path.slice(0, 20)} is refused`, () => {
    assert.throws(
      () => compileJsonPath(path),
      (error) =>
        error instanceof JsonPathError && message.test(error.message) && error.offset === offset,
    )
  })
}

test('what does not fit into the first 100 KB is not JSON any more', () => {
  const fitting = `{"a":1,"b":"${'x'.repeat(JSON_BODY_BYTES_MAX - 14)}"}`
  assert.equal(fitting.length, JSON_BODY_BYTES_MAX)
  assert.equal(select('.a', fitting), '1')
  assert.equal(select('.a', `${fitting.slice(0, -2)}x"}`), undefined)
})

test('nesting has a bound, and no nesting breaks anything', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)},"b":1}`
  assert.equal(select('.a', nested(100)), '['.repeat(100) + ']'.repeat(100))
  assert.equal(select('.a', nested(102)), undefined)
  assert.equal(select('.b', nested(102)), '1')
  for (const depth of [5_000, 50_000]) assert.equal(select('.a', nested(depth)), undefined)
  assert.equal(select('.a', `{"c":1.5,${nested(50_000).slice(1)}`), undefined)
})

test('nested wildcards cannot multiply without end', () => {
  const row = `[${'1,'.repeat(199)}1]`
  const square = `[${`${row},`.repeat(99)}${row}]`
  assert.equal(select('[*][*]', square), undefined)
  assert.equal(select('[*][0]', square), `[${'1,'.repeat(99)}1]`)
})

test('every member of any JSON object is found by its quoted path', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const document = parseJsonBody(new TextEncoder().encode(JSON.stringify(object)))
      for (const [name, value] of Object.entries(object)) {
        if (/[\n\r\u2028\u2029]/.test(name)) continue
        const path = compileJsonPath(`['${name.replace(/['\\]/g, '\\$&')}']`)
        const printed = printJsonValue(evaluateJsonPath(path, document))
        if (typeof value === 'string') assert.equal(printed, value)
        else if (value === null) assert.equal(printed, undefined)
        else assert.deepEqual(JSON.parse(printed!), JSON.parse(JSON.stringify(value)))
      }
    }),
  )
})

test('a parsed body is not taken for another call that reuses its memory', () => {
  const bodies = new JsonBodies()
  const body = new TextEncoder().encode('{"a":1}')
  const first = bodies.parse(body, 'one')
  assert.equal(bodies.parse(body, 'one'), first)
  body.set(new TextEncoder().encode('{"a":2}'))
  assert.deepEqual(bodies.parse(body, 'two'), { a: 2 })
})
