import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { compileRouter, inPriorityOrder, parameterNames } from './router.ts'

function select(keys: readonly string[], request: string): string {
  const space = request.indexOf(' ')
  const match = compileRouter(keys).match(request.slice(0, space), request.slice(space + 1))
  if (match === undefined) return 'none'
  const key = keys[match.index]!
  const names = parameterNames(key)
  assert.equal(match.parameters.length, key === '$default' ? 0 : names.length)
  return [key, ...names.map((name, i) => `${name}=${match.parameters[i]}`)].join(' | ')
}

const DOCUMENTED = [
  'GET /pets/dog/1',
  'GET /pets/dog/{id}',
  'GET /pets/{proxy+}',
  'ANY /{proxy+}',
  '$default',
]

const CASES: readonly (readonly [keys: readonly string[], request: string, selected: string])[] = [
  // The table of the developer guide.
  [DOCUMENTED, 'GET /pets/dog/1', 'GET /pets/dog/1'],
  [DOCUMENTED, 'GET /pets/dog/2', 'GET /pets/dog/{id} | id=2'],
  [DOCUMENTED, 'GET /pets/cat/1', 'GET /pets/{proxy+} | proxy=cat/1'],
  [DOCUMENTED, 'POST /test/5', 'ANY /{proxy+} | proxy=test/5'],
  [DOCUMENTED, 'GET /', '$default'],
  [DOCUMENTED, 'PURGE /test/5', '$default'],
  // Methods.
  [['GET /a', 'ANY /a'], 'GET /a', 'GET /a'],
  [['GET /a', 'ANY /a'], 'PUT /a', 'ANY /a'],
  [['GET /a'], 'HEAD /a', 'none'],
  [['ANY /a'], 'PROPFIND /a', 'none'],
  [['ANY /a', '$default'], 'TRACE /a', 'none'],
  [['POST /pets/{id}', 'ANY /{proxy+}'], 'GET /pets/7', 'ANY /{proxy+} | proxy=pets/7'],
  [['POST /pets/dog', 'GET /pets/{id}'], 'GET /pets/dog', 'GET /pets/{id} | id=dog'],
  // Static before variable, from the left.
  [['GET /a/{x}', 'GET /{y}/b'], 'GET /a/b', 'GET /a/{x} | x=b'],
  [['GET /{x}/b', 'GET /a/{y}/c'], 'GET /a/b', 'GET /{x}/b | x=a'],
  // Greedy.
  [['GET /pets/{proxy+}'], 'GET /pets', 'none'],
  [['GET /pets/{proxy+}'], 'GET /pets/', 'GET /pets/{proxy+} | proxy='],
  [['GET /pets/{proxy+}'], 'GET /pets/a/b/', 'GET /pets/{proxy+} | proxy=a/b/'],
  [['ANY /{proxy+}', 'ANY /a/{proxy+}'], 'GET /a/b', 'ANY /a/{proxy+} | proxy=b'],
  [['ANY /{id}/{proxy+}', 'ANY /a/{proxy+}'], 'GET /a/b/c', 'ANY /a/{proxy+} | proxy=b/c'],
  [['ANY /{id}/x/{proxy+}'], 'GET /7/x/y/z', 'ANY /{id}/x/{proxy+} | id=7 | proxy=y/z'],
  // Neither a trailing slash nor parameters nor an encoding lead around a route.
  [['GET /v1/accounts', '$default'], 'GET /v1/accounts/', 'GET /v1/accounts'],
  [['GET /v1/accounts/', '$default'], 'GET /v1/accounts', 'GET /v1/accounts/'],
  [['GET /v1/accounts', '$default'], 'GET /v1/accounts;v=1', 'GET /v1/accounts'],
  [['GET /v1/accounts', '$default'], 'GET /v1;a/accounts%3Bb', 'GET /v1/accounts'],
  [['GET /v1/a:b', '$default'], 'GET /v1/a%3Ab', 'GET /v1/a:b'],
  [['GET /pets/{id}', '$default'], 'GET /pets/', '$default'],
  [['GET /pets/{id}'], 'GET /pets/a%20b', 'GET /pets/{id} | id=a%20b'],
  [['GET /pets/{id}'], 'GET /pets/7/', 'GET /pets/{id} | id=7'],
  [['GET /pets/{id}'], 'GET /pets/7;v=2', 'GET /pets/{id} | id=7;v=2'],
  [
    ['GET /{x}/b/{p+}'],
    'GET /%C3%A9;v=1/%62/c%20d/;/e/',
    'GET /{x}/b/{p+} | x=%C3%A9;v=1 | p=c%20d/;/e/',
  ],
  [['GET /{x}/b', 'GET /{x}/{y}/c'], 'GET /%C3%A9/b/%63', 'GET /{x}/{y}/c | x=%C3%A9 | y=b'],
  // Case and names that mean something to JavaScript.
  [['GET /Pets'], 'GET /pets', 'none'],
  [['GET /{x}/constructor'], 'GET /__proto__/constructor', 'GET /{x}/constructor | x=__proto__'],
]

for (const [keys, request, selected] of CASES) {
  test(`${request} with ${keys.join(', ')}`, () => assert.equal(select(keys, request), selected))
}

test('agrees with a slow router on random routes and requests', () => {
  const segment = fc.constantFrom('a', 'b', '{x}')
  const path = fc
    .tuple(fc.array(segment, { maxLength: 4 }), fc.boolean())
    .map(
      ([parts, greedy]) =>
        `/${[...parts.map((part, i) => part.replace('x', `x${i}`)), ...(greedy ? ['{p+}'] : [])].join('/')}`,
    )
  const key = fc.tuple(fc.constantFrom('GET', 'POST', 'ANY'), path).map(([m, p]) => `${m} ${p}`)
  const request = fc
    .tuple(
      fc.constantFrom('GET', 'POST', 'PUT'),
      fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 }),
    )
    .map(([m, parts]) => `${m} /${parts.join('/')}`)
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 12, selector: shapeOf }),
      request,
      (keys, asked) => {
        assert.equal(select(keys, asked).split(' | ')[0], slowSelect(keys, asked))
      },
    ),
    { numRuns: 500 },
  )
})

/** Two keys of one shape would be the same route. */
function shapeOf(key: string): string {
  return key.replace(/\{[^}+]+\}/g, '{}')
}

/** The rules said once more: try the keys in priority order. */
function slowSelect(keys: readonly string[], asked: string): string {
  const [method = '', path = ''] = asked.split(' ')
  for (const key of inPriorityOrder(keys)) {
    const [keyMethod, keyPath = ''] = key.split(' ')
    if (keyMethod !== 'ANY' && keyMethod !== method) continue
    const pattern = keyPath.replace(/\/\{[^}]+\+\}$/, '/(.+)').replace(/\{[^}]+\}/g, '([^/]+)')
    if (new RegExp(`^${pattern}$`).test(path)) return key
  }
  return 'none'
}
