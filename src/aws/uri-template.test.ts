import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { compileUri, decodeUriText, expandUri, matchUri } from './uri-template.ts'

function match(uri: string, path: string): unknown {
  return matchUri(compileUri(uri), path.split('/').slice(1))
}

test('labels are found and decoded once', () => {
  const cases: [uri: string, path: string, labels: unknown][] = [
    ['/v2/apis', '/v2/apis', {}],
    ['/v2/apis', '/v2/apis/', undefined],
    ['/v2/apis', '/v2/api', undefined],
    ['/v2/apis', '/V2/apis', undefined],
    ['/v2/apis/{ApiId}', '/v2/apis/abc', { ApiId: 'abc' }],
    ['/v2/apis/{ApiId}', '/v2/apis/', undefined],
    ['/v2/apis/{ApiId}', '/v2/apis', undefined],
    ['/v2/apis/{ApiId}', '/v2/apis/a%2Fb%252F', { ApiId: 'a/b%2F' }],
    ['/v2/apis/{ApiId}', '/v2/apis/a/b', undefined],
    ['/v2/apis/{ApiId}', '/v2/apis/..', { ApiId: '..' }],
    [
      '/v2/apis/{ApiId}/stages/{Stage}',
      '/v2/apis/a/stages/%24default',
      { ApiId: 'a', Stage: '$default' },
    ],
    ['/r/{Key}', '/r/GET%20%2Fpets%2F%7Bid%7D', { Key: 'GET /pets/{id}' }],
    [
      '/v2/tags/{Arn}',
      '/v2/tags/arn:aws:apigateway:us-east-1::/apis/abc',
      { Arn: 'arn:aws:apigateway:us-east-1::/apis/abc' },
    ],
    [
      '/v2/tags/{Arn}',
      '/v2/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Fabc',
      { Arn: 'arn:aws:apigateway:us-east-1::/apis/abc' },
    ],
    ['/v2/tags/{Arn}', '/v2/tags/apis/abc', undefined],
    ['/p/{Proxy+}', '/p/a/b%2Fc', { Proxy: 'a/b/c' }],
    ['/p/{Proxy+}', '/p/', undefined],
  ]
  for (const [uri, path, labels] of cases) assert.deepEqual(match(uri, path), labels, path)
})

test('what is no percent-encoded UTF-8 is refused', () => {
  for (const path of ['/v2/apis/%', '/v2/apis/%zz', '/v2/apis/%ff']) {
    assert.throws(() => match('/v2/apis/{ApiId}', path), { code: 'BadRequestException' })
  }
  assert.equal(decodeUriText('a%20b'), 'a b')
})

test('what is filled in is found again', () => {
  const uri = compileUri('/a/{One}/b/{Two}')
  const label = fc.string({ unit: 'binary', minLength: 1 })
  const check = (One: string, Two: string): void => {
    const path = expandUri(uri, { One, Two })
    assert.match(path, /^\/a\/[\w.~%-]+\/b\/[\w.~%-]+$/)
    assert.deepEqual(matchUri(uri, path.split('/').slice(1)), { One, Two })
  }
  fc.assert(fc.property(label, label, check))
  assert.equal(expandUri(compileUri('/p/{Proxy+}?mode=x'), { Proxy: 'a/b c' }), '/p/a/b%20c?mode=x')
})

test('an empty label is refused before it changes the path', () => {
  assert.throws(
    () => expandUri(compileUri('/v2/apis/{ApiId}'), { ApiId: '' }),
    /ApiId must not be empty/,
  )
  assert.throws(() => expandUri(compileUri('/v2/apis/{ApiId}'), {}), /ApiId must not be empty/)
})
