import assert from 'node:assert/strict'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { watchFiles } from './file-watch.ts'

let folder = ''
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'postern-watch-'))
})
afterEach(() => fs.rm(folder, { recursive: true }))

const fail = (reason: string) => assert.fail(reason)

/** Resolves when the next change is reported. */
async function watched(file: string) {
  let changed = Promise.withResolvers<void>()
  let changes = 0
  const watch = await watchFiles(
    [file],
    () => {
      changes++
      changed.resolve()
    },
    fail,
  )
  const next = async () => {
    await changed.promise
    changed = Promise.withResolvers<void>()
    return changes
  }
  return { watch, next }
}

describe('a change is noticed', () => {
  test('when the file is written in place', async () => {
    const file = path.join(folder, 'api.yaml')
    await fs.writeFile(file, 'one')
    const { watch, next } = await watched(file)
    await fs.writeFile(file, 'two')
    assert.equal(await next(), 1)
    await fs.writeFile(file, 'three')
    assert.equal(await next(), 2)
    watch.close()
  })

  test('when an editor moves a new file over it, again and again', async () => {
    const file = path.join(folder, 'api.yaml')
    await fs.writeFile(file, 'one')
    const { watch, next } = await watched(file)
    for (let i = 1; i <= 3; i++) {
      await fs.writeFile(`${file}.new`, `content ${i}`)
      await fs.rename(`${file}.new`, file)
      assert.equal(await next(), i)
    }
    watch.close()
  })

  test('when the file behind a link changes', async () => {
    await fs.mkdir(path.join(folder, 'real'))
    const real = path.join(folder, 'real', 'real.yaml')
    await fs.writeFile(real, 'one')
    const link = path.join(folder, 'api.yaml')
    await fs.symlink(real, link)
    const { watch, next } = await watched(link)
    await fs.writeFile(real, 'two')
    assert.equal(await next(), 1)
    watch.close()
  })
})

describe('a file that goes away', () => {
  test('is a change, and so is its return with the same content', async () => {
    const file = path.join(folder, 'api.yaml')
    await fs.writeFile(file, 'one')
    const { watch, next } = await watched(file)
    await fs.rm(file)
    assert.equal(await next(), 1)
    await fs.writeFile(file, 'one')
    assert.equal(await next(), 2)
    watch.close()
  })

  test('for a moment is no change', async () => {
    const file = path.join(folder, 'api.yaml')
    await fs.writeFile(file, 'one')
    const { watch, next } = await watched(file)
    await fs.rm(file)
    await fs.writeFile(file, 'one')
    await fs.writeFile(file, 'two')
    assert.equal(await next(), 1)
    watch.close()
  })
})

test('writing the same content, or another file of the folder, is no change', async () => {
  const file = path.join(folder, 'api.yaml')
  await fs.writeFile(file, 'one')
  const { watch, next } = await watched(file)
  await fs.writeFile(path.join(folder, 'other.yaml'), 'x')
  await fs.writeFile(file, 'one')
  // The next real change is the first one that is reported.
  await fs.writeFile(file, 'two')
  assert.equal(await next(), 1)
  watch.close()
})
