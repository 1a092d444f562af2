import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRouteKey, checkRouteKeyIsFree, requestsOf } from './route-key.ts'

const RIGHT = [
  '$default',
  'GET /',
  'ANY /{proxy+}',
  'DELETE /pets/{id}',
  'POST /pets/',
  'HEAD /a/b',
]

for (const key of RIGHT) {
  test(`${key} is a route key`, () => checkRouteKey(key, 'aws'))
}

const MALFORMED = [
  '',
  'GET',
  '/pets',
  'GET/pets',
  'get /pets',
  'GET  /pets',
  'GET /pets ',
  'TRACE /pets',
  'GET pets',
  '$connect',
]

for (const key of MALFORMED) {
  test(`"${key}" is no route key`, () => {
    assert.throws(() => checkRouteKey(key, 'aws'), {
      code: 'BadRequestException',
      message: /^The provided route key is not formatted properly for HTTP protocol\./,
    })
  })
}

const WRONG_PATHS = [
  'GET /a//b',
  'GET /{a+}/b',
  'GET /x{id}',
  'GET /{id}/{id}',
  'GET /a?b=c',
  'GET /..',
]

for (const key of WRONG_PATHS) {
  test(`${key} has a path that no route can have`, () => {
    assert.throws(() => checkRouteKey(key, 'aws'), {
      code: 'BadRequestException',
      message: /^Invalid route key specified/,
    })
  })
}

test('names of path variables make no difference to the requests that a key takes', () => {
  assert.equal(requestsOf('GET /pets/{id}'), requestsOf('GET /pets/{petId}'))
  assert.equal(requestsOf('GET /pets/'), requestsOf('GET /pets'))
  assert.notEqual(requestsOf('GET /pets/{id}'), requestsOf('GET /pets/{id+}'))
  assert.notEqual(requestsOf('GET /pets'), requestsOf('ANY /pets'))
})

test('a key is refused while another takes its requests', () => {
  checkRouteKeyIsFree('GET /pets/{id}', ['GET /pets', 'POST /pets/{id}', '$default'])
  assert.throws(() => checkRouteKeyIsFree('GET /pets', ['GET /pets']), {
    code: 'ConflictException',
    message: 'Route with key GET /pets already exists for this API',
  })
  assert.throws(() => checkRouteKeyIsFree('GET /pets/{id}', ['GET /pets/{name}']), {
    code: 'ConflictException',
    message: /takes the same requests as GET \/pets\/\{name\}/,
  })
})
