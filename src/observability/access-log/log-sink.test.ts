import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { LogSink } from './log-sink.ts'

const SINK_MODULE = new URL('log-sink.ts', import.meta.url).href

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'postern-log-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function fileSink(path: string, options = {}): LogSink {
  return new LogSink({ kind: 'file', path }, options)
}

/** A pipe whose reader reads when the test says so. */
function pipe(t: TestContext): { path: string; read: () => string; hangUp: () => void } {
  const path = join(folder(t), 'pipe')
  execFileSync('mkfifo', [path])
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const buffer = Buffer.alloc(65_536)
  return {
    path,
    read: () => {
      try {
        return buffer.toString('utf8', 0, readSync(fd, buffer))
      } catch {
        return ''
      }
    },
    hangUp: () => closeSync(fd),
  }
}

test('lines come out whole and in order', async (t) => {
  const path = join(folder(t), 'access.log')
  const sink = fileSink(path)
  const lines = Array.from({ length: 5_000 }, (_, i) => `line ${i} €${'x'.repeat(i % 200)}`)
  for (const line of lines) sink.write(line)
  await sink.flush()
  assert.equal(readFileSync(path, 'utf8'), lines.map((line) => `${line}\n`).join(''))
  await sink.close()
  assert.equal(sink.dropped, 0)
})

test('a line that is longer than a batch comes out whole', async (t) => {
  const path = join(folder(t), 'access.log')
  const sink = fileSink(path)
  const lines = ['before', '€'.repeat(100_000), 'after']
  for (const line of lines) sink.write(line)
  await sink.close()
  assert.equal(readFileSync(path, 'utf8'), `${lines.join('\n')}\n`)
})

test('lines are written without being asked for', async (t) => {
  const { path, read } = pipe(t)
  const sink = fileSink(path, { delayMs: 1 })
  sink.write('soon')
  let seen = ''
  while (seen === '') {
    await new Promise((resolve) => setTimeout(resolve, 1))
    seen = read()
  }
  assert.equal(seen, 'soon\n')
  await sink.close()
})

test('after renaming, reopen goes on in the new file and loses nothing', async (t) => {
  const path = join(folder(t), 'access.log')
  const sink = fileSink(path)
  sink.write('one')
  await sink.flush()
  renameSync(path, `${path}.1`)
  sink.write('two')
  await sink.flush()
  await sink.reopen()
  sink.write('three')
  await sink.close()
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'one\ntwo\n')
  assert.equal(readFileSync(path, 'utf8'), 'three\n')
})

test('reopen in the middle of a burst loses and repeats nothing', async (t) => {
  const path = join(folder(t), 'access.log')
  const sink = fileSink(path)
  const burst = (name: string) => {
    for (let i = 0; i < 3_000; i++) sink.write(`${name} ${i} ${'x'.repeat(60)}`)
  }
  burst('a')
  renameSync(path, `${path}.1`)
  const reopened = sink.reopen()
  const again = sink.reopen()
  burst('b')
  await Promise.all([reopened, again])
  burst('c')
  await sink.close()
  const text = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8')
  const names = text
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(0, -61))
  const expected = ['a', 'b', 'c'].flatMap((name) =>
    Array.from({ length: 3_000 }, (_, i) => `${name} ${i}`),
  )
  assert.deepEqual(names, expected)
})

test('a failing reopen stays with the file that works', async (t) => {
  const path = join(folder(t), 'sub')
  execFileSync('mkdir', [path])
  const sink = fileSink(join(path, 'access.log'))
  renameSync(path, `${path}.1`)
  await assert.rejects(sink.reopen(), { code: 'ENOENT' })
  sink.write('still here')
  await sink.close()
  assert.equal(readFileSync(join(`${path}.1`, 'access.log'), 'utf8'), 'still here\n')
})

test('after copy-truncate the file begins anew, without a hole', async (t) => {
  const path = join(folder(t), 'access.log')
  const sink = fileSink(path)
  sink.write('one')
  await sink.flush()
  truncateSync(path, 0)
  sink.write('two')
  await sink.close()
  assert.equal(readFileSync(path, 'utf8'), 'two\n')
})

test('a full disk costs the lines and nothing else', async () => {
  const sink = fileSink('/dev/full')
  sink.write('one')
  sink.write('two')
  await sink.flush()
  assert.equal(sink.dropped, 2)
  sink.write('three')
  await sink.close()
  assert.equal(sink.dropped, 3)
})

test('a reader that hangs up costs the lines and nothing else', async (t) => {
  const { path, read, hangUp } = pipe(t)
  const sink = fileSink(path)
  sink.write('one')
  await sink.flush()
  assert.equal(read(), 'one\n')
  hangUp()
  sink.write('two')
  await sink.flush()
  assert.equal(sink.dropped, 1)
  await sink.close()
})

test('a reader that stops costs a bounded buffer; what is not dropped arrives whole', async (t) => {
  const { path, read } = pipe(t)
  const sink = fileSink(path, { bytesMax: 200_000, delayMs: 1 })
  const line = 'x'.repeat(99)
  for (let i = 0; i < 10_000; i++) sink.write(line)
  assert.ok(sink.dropped >= 8_000, `${sink.dropped} dropped`)
  let text = ''
  let flushed = false
  const flush = sink.flush().then(() => {
    flushed = true
  })
  while (!flushed) {
    text += read()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await flush
  text += read()
  assert.equal(text, `${line}\n`.repeat(10_000 - sink.dropped))
  await sink.close()
})

test('close gives up on a reader that never reads, and counts what is lost', async (t) => {
  const { path, read } = pipe(t)
  const sink = fileSink(path)
  for (let i = 0; i < 2_000; i++) sink.write('x'.repeat(99))
  await sink.close()
  let arrived = 0
  for (let text = read(); text !== ''; text = read()) arrived += text.split('\n').length - 1
  assert.equal(arrived + sink.dropped, 2_000)
  assert.ok(arrived > 0)
})

test('a closed sink counts what it is given', async (t) => {
  const sink = fileSink(join(folder(t), 'access.log'))
  await sink.close()
  sink.write('late')
  assert.equal(sink.dropped, 1)
  await sink.reopen()
  await sink.flush()
  await sink.close()
})

test('a target that cannot be opened is an error at once', () => {
  assert.throws(() => fileSink('/nowhere/access.log'), { code: 'ENOENT' })
})

test('several workers append whole lines to one file', async (t) => {
  const path = join(folder(t), 'access.log')
  const code = `
    const { workerData } = require('node:worker_threads')
    import(${JSON.stringify(SINK_MODULE)}).then(async ({ LogSink }) => {
      const sink = new LogSink({ kind: 'file', path: workerData.path })
      for (let i = 0; i < 5000; i++) sink.write(workerData.name.repeat(1 + (i % 300)))
      await sink.close()
      if (sink.dropped > 0) throw new Error('dropped')
    })`
  const names = ['a', 'b', 'c']
  const ends = names.map((name) => {
    const worker = new Worker(code, { eval: true, workerData: { path, name } })
    return new Promise((resolve, reject) => worker.on('error', reject).on('exit', resolve))
  })
  await Promise.all(ends)
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  assert.equal(lines.length, 15_000)
  for (const line of lines) assert.equal(line, line[0]!.repeat(line.length))
})

/** Runs a process whose worker thread logs to standard output, and returns what arrived. */
function runWithStdout(stdio: 'pipe' | number): string {
  const code = `
    const { Worker, isMainThread } = require('node:worker_threads')
    const log = () => import(${JSON.stringify(SINK_MODULE)}).then(async ({ LogSink }) => {
      const sink = new LogSink({ kind: 'stdout' })
      for (let i = 0; i < 20000; i++) sink.write('line ' + i)
      await sink.close()
      if (sink.dropped > 0) throw new Error(sink.dropped + ' dropped')
    })
    new Worker('(' + log + ')()', { eval: true })`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', code], {
    stdio: ['ignore', stdio, 'pipe'],
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  return stdout
}

const twentyThousand = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('')

test('a worker thread writes to standard output: a pipe', () => {
  assert.equal(runWithStdout('pipe'), twentyThousand)
})

test('a worker thread writes to standard output: a file', (t) => {
  const path = join(folder(t), 'out')
  const fd = openSync(path, 'w')
  runWithStdout(fd)
  closeSync(fd)
  assert.equal(readFileSync(path, 'utf8'), twentyThousand)
})
