/** The life of an API in boto3; what it does and what has to come of it stands in the Python file beside. */

import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { runBoto3 } from '../harness/outside-clients.ts'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { startServer } from '../harness/server.ts'

const PROGRAM = resolve(import.meta.dirname, 's00102-boto3.py')

test('s00102 an API lives by boto3', async (t) => {
  const origin = await startPatientEcho(t)
  const server = await startServer(t)
  const words = [`${server.port}`, origin.url]
  const { status, stdout, stderr } = await runBoto3(PROGRAM, words, server.endpoint)
  assert.equal(status, 0, stderr)
  const { checked } = JSON.parse(stdout) as { checked: number }
  assert.ok(checked > 60, `${checked} checks`)
})
