/**
 * Test 50, its part about the audit log: whoever can write to the file cannot change what it says without that being seen.
 * Triggers refuse edits; where they are taken away, the chain of hashes tells. Nor can strangers fill it: calls that are denied are
 * in it, like ones together.
 */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { promisify } from 'node:util'
import {
  type ApiGatewayV2ServiceException,
  CreateApiCommand,
  DeleteApiCommand,
} from '@aws-sdk/client-apigatewayv2'
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam'
import type { AuditRecord } from '../../src/storage/store.ts'
import type { Endpoint } from '../harness/outside-clients.ts'
import { sdkClient } from '../harness/sdk.ts'
import { startServer } from '../harness/server.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

function audit(folder: string, ...flags: string[]): Promise<{ code: number; said: string }> {
  return new Promise((settle) => {
    const words = [MAIN, 'audit', '--data', folder, ...flags]
    execFile(process.execPath, words, { cwd: folder }, (error, out, err) => {
      settle({ code: error === null ? 0 : Number(error.code), said: out + err })
    })
  })
}

/** Changes the file as its owner could, with no Postern running. */
function tamper(folder: string, ...statements: string[]): void {
  const database = new DatabaseSync(join(folder, 'postern.db'))
  try {
    for (const statement of statements) database.exec(statement)
  } finally {
    database.close()
  }
}

const WAYS = [
  [
    'an entry that says something else',
    "UPDATE audit SET entry = replace(entry, 'secret', 'harmless') WHERE sequence = 3",
  ],
  ['an entry that is gone', 'DELETE FROM audit WHERE sequence = 3'],
] as const

for (const [what, statement] of WAYS) {
  test(`${what} shows`, async (t) => {
    const first = await startServer(t)
    const { folder } = first
    const client = sdkClient(first.endpoint)
    const made = await client.send(new CreateApiCommand({ Name: 'secret', ProtocolType: 'HTTP' }))
    await client.send(new DeleteApiCommand({ ApiId: made.ApiId }))
    await client.send(new CreateApiCommand({ Name: 'other', ProtocolType: 'HTTP' }))
    assert.deepEqual((await audit(folder)).code, 0)
    await first.stop()

    assert.throws(() => tamper(folder, statement), /the audit log only grows/)
    const triggers = readTriggers(folder)
    assert.ok(triggers.length > 0)
    tamper(folder, ...triggers.map((name) => `DROP TRIGGER "${name}"`), statement)

    const second = await startServer(t, folder)
    const { code, said } = await audit(folder)
    assert.equal(code, 1)
    assert.match(said, /audit log has been changed: entry \d+ does not fit/)
    await second.stop()
  })
}

test('calls that are denied are in the log, without a secret, and a flood of them is a few entries', async (t) => {
  const { folder, endpoint } = await startServer(t)
  const { url: base, region, ...credentials } = endpoint
  const root = new IAMClient({ endpoint: base, region, credentials })
  await root.send(new CreateUserCommand({ UserName: 'ada' }))
  const made = await root.send(new CreateAccessKeyCommand({ UserName: 'ada' }))
  const { AccessKeyId = '', SecretAccessKey = '' } = made.AccessKey!
  const ada = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey }
  const reader = await readOnlyKey(folder)
  const deny = async (changes: Partial<Endpoint>) => {
    const client = sdkClient({ ...endpoint, ...changes })
    const made = client.send(new CreateApiCommand({ Name: 'x', ProtocolType: 'HTTP' }))
    await assert.rejects(
      made,
      (thrown: ApiGatewayV2ServiceException) => thrown.$metadata.httpStatusCode === 403,
    )
  }
  await deny(ada)
  await deny(reader)
  await deny({ secretAccessKey: 'a wrong secret that stays out' })
  await deny({ accessKeyId: 'AKPOUNKNOWNUNKNOWN' })
  const url = new URL('/v2/apis', endpoint.url)
  for (let i = 0; i < 300; i += 1) {
    const scope = '20261128/us-east-1/apigateway/aws4_request'
    const claim = `AWS4-HMAC-SHA256 Credential=AKPO${'A'.repeat(12)}${i}/${scope}`
    const signed = `${claim}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`
    const authorization = i % 2 === 0 ? claim : signed
    const { status } = await fetch(url, {
      headers: { authorization, 'x-amz-date': '20261128T000000Z' },
    })
    assert.ok([400, 403].includes(status), String(status))
  }
  const { code, said } = await audit(folder, '--json')
  assert.equal(code, 0)
  const entries = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditRecord)
  const denied = entries.filter(({ refused }) => refused !== undefined)
  const of = (who: RegExp, refused: RegExp) =>
    denied.filter((entry) => who.test(entry.who) && refused.test(entry.refused!)).length
  assert.equal(
    of(/user\/ada \(AKPO/, /AccessDenied.* is not authorized to perform: apigateway:POST/),
    1,
  )
  assert.equal(of(new RegExp(`^${reader.accessKeyId}$`), /read-only.*CreateApi/), 1)
  assert.equal(of(new RegExp(`^unproven ${endpoint.accessKeyId}$`), /^InvalidSignature/), 1)
  assert.equal(of(/^unproven AKPOUNKNOWNUNKNOWN$/, /^UnrecognizedClient/), 1)
  assert.ok(denied.length <= 33, `${denied.length} entries`)
  const times = denied.reduce((sum, each) => sum + (each.times ?? 1), 0)
  assert.equal(times, 304, 'every denied call is counted')
  assert.ok(
    ![SecretAccessKey, reader.secretAccessKey, 'stays out'].some((each) => said.includes(each)),
  )
  assert.match((await audit(folder)).said, /refused \d+ times: more calls than are listed/)
})

async function readOnlyKey(folder: string) {
  const words = [MAIN, 'keys', 'create', '--read-only', '--json', '--data', folder]
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder })
  const { AccessKeyId, SecretAccessKey } = JSON.parse(stdout) as Record<string, string>
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey! }
}

function readTriggers(folder: string): string[] {
  const database = new DatabaseSync(join(folder, 'postern.db'))
  try {
    const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()
    return rows.map(({ name }) => String(name))
  } finally {
    database.close()
  }
}
