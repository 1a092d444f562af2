/** The guide that leads from nothing to an API protected by a user pool, with the AWS command line, as it is typed. */

import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { findAwsCli } from '../harness/outside-clients.ts'
import { commandsIn, readGuide, typed, UNTIL_READY } from './typed-shell.ts'

/** Before its version 2.13 the command line has to be told on every call; Debian 12 has such a one. */
const AWS = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n'

test('what is typed leads from nothing to an API that is protected by a pool', async (t) => {
  const aws = findAwsCli()
  assert.ok(
    aws !== undefined,
    'This test needs the AWS command line; on Debian: apt-get install awscli',
  )
  const [start, ...rest] = commandsIn(await readGuide('protect-with-user-pool.md'))
  const script = [AWS, start, UNTIL_READY, ...rest].join('')
  const output = await typed(t, { script, path: [dirname(aws.command)] })
  assert.match(output, /^FORCE_CHANGE_PASSWORD$/m, 'until it has a password of its own')
  assert.match(output, /^deployed as /m)
  assert.match(output, /^HTTP\/1\.1 401 Unauthorized\r?\nwww-authenticate: Bearer\r?\n/m)
  assert.match(output, /^\/orders\/42 for ana$/m)
  assert.match(output, /^because +TOKEN_MISSING/m)
})
