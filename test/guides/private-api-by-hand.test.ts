/** The guide that builds the whole private way by hand, with the AWS command line, as it is typed. */

import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { findAwsCli } from '../harness/outside-clients.ts'
import { commandsIn, readGuide, typed, UNTIL_READY } from './typed-shell.ts'

/** Before its version 2.13 the command line has to be told on every call; Debian 12 has such a one. */
const AWS = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n'

test('what is typed leads from nothing to a service behind a link, a load balancer and a name', async (t) => {
  const aws = findAwsCli()
  assert.ok(
    aws !== undefined,
    'This test needs the AWS command line; on Debian: apt-get install awscli',
  )
  const [start, ...rest] = commandsIn(await readGuide('private-api-by-hand.md'))
  const script = [AWS, start, UNTIL_READY, ...rest].join('')
  const output = await typed(t, { script, path: [dirname(aws.command)] })
  assert.match(output, /^status +AVAILABLE/m)
  assert.match(output, /^AVAILABLE$/m, 'the domain name')
  assert.match(output, /^\/private\/orders\/42 for \S+=$/m)
  assert.match(
    output,
    /^way +link \w+, agent \w+; target 127\.0\.0\.1:3000 of\s+targetgroup\/orders\//m,
  )
  assert.match(output, /^0 problems/m)
})
