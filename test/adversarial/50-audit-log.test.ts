/**
 * Test 50, its part about the audit log: whoever can write to the file cannot change what it says without that being seen.
 * Triggers refuse edits; where they are taken away, the chain of hashes tells.
 */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { CreateApiCommand, DeleteApiCommand } from '@aws-sdk/client-apigatewayv2'
import { sdkClient } from '../harness/sdk.ts'
import { startServer } from '../harness/server.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

function audit(folder: string): Promise<{ code: number; said: string }> {
  return new Promise((settle) => {
    const words = [MAIN, 'audit', '--data', folder]
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

function readTriggers(folder: string): string[] {
  const database = new DatabaseSync(join(folder, 'postern.db'))
  try {
    const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()
    return rows.map(({ name }) => String(name))
  } finally {
    database.close()
  }
}
