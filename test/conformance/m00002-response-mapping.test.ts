/** Response parameter mapping, chosen by the status of the integration. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startServing } from '../harness/origin.ts'

test('m00002 headers and status are mapped for the statuses that have rules', async (t) => {
  const origin = await startServing(t, (request) =>
    request.target === '/404'
      ? 'HTTP/1.1 404 Not Found\r\nX-Old: a\r\nContent-Length: 4\r\n\r\ngone'
      : ok('fine', 'X-Old: a'),
  )
  const gateway = await startGateway(t, {
    routes: {
      'GET /{status}': {
        uri: `${origin.url}/{status}`,
        responseParameters: {
          404: {
            'overwrite:statuscode': '410',
            'append:header.x-old': 'b',
            'append:header.x-new': '$response.header.x-old',
            'overwrite:header.x-route': '$context.routeKey',
          },
          200: { 'remove:header.x-old': "''" },
        },
      },
    },
  })
  const gone = await gateway.get('/404')
  assert.equal(gone.status, 410)
  assert.equal(gone.text, 'gone')
  assert.equal(gone.get('x-old')?.replaceAll(' ', ''), 'a,b')
  assert.equal(gone.get('x-new'), 'a')
  assert.equal(gone.get('x-route'), 'GET /{status}')
  const fine = await gateway.get('/200')
  assert.equal(fine.status, 200)
  assert.equal(fine.get('x-old'), undefined)
})
