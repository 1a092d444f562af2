import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'

import { LIMITS } from './limits.ts'

const FOLDER = resolve(import.meta.dirname, 'limits')

test('the table holds the rows of every subject, and no name stands in two', async () => {
  const names: string[] = []
  for (const file of globSync('*.ts', { cwd: FOLDER })) {
    const subject: Record<string, object> = await import(resolve(FOLDER, file))
    for (const rows of Object.values(subject)) names.push(...Object.keys(rows))
  }
  assert.deepEqual(names.toSorted(), Object.keys(LIMITS).toSorted())
})
