/** Request parameter mapping: append, overwrite and remove, on headers, query and path. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('m00001 every operation, and every source of values', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    stageVariables: { colour: 'green' },
    routes: {
      'GET /pets/{id}': {
        uri: `${origin.url}/before`,
        requestParameters: {
          'append:header.x-list': '$request.querystring.a',
          'overwrite:header.x-user': 'user-${request.path.id}',
          'remove:header.x-secret': "''",
          'append:header.x-stage': '$stageVariables.colour',
          'append:querystring.stage': '$context.stage',
          'overwrite:querystring.a': 'static',
          'remove:querystring.b': "''",
          'overwrite:path': '/after/$request.path.id'.replace(
            '$request.path.id',
            '${request.path.id}',
          ),
        },
      },
    },
  })
  const response = await gateway.get(
    '/pets/7?a=1&b=2&c=3',
    'X-List: 0',
    'X-User: root',
    'X-Secret: s',
  )
  const { target, fields } = response.json as Echo
  const url = new URL(target, 'http://o')
  assert.equal(url.pathname, '/after/7')
  assert.deepEqual(Object.fromEntries(url.searchParams), { a: 'static', c: '3', stage: '$default' })
  assert.equal(fields['x-list']?.replaceAll(' ', ''), '0,1')
  assert.equal(fields['x-user'], 'user-7')
  assert.equal(fields['x-secret'], undefined)
  assert.equal(fields['x-stage'], 'green')
})
