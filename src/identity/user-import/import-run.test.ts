import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '../../storage/memory-store.fake.ts'
import type { Scope } from '../../storage/store.ts'
import { writeCsvRow } from './csv.ts'
import { IMPORT_FILE_KIND, IMPORT_JOB_KIND, type ImportJob } from './import-job.ts'
import { ImportRun, type RowOutcome } from './import-run.ts'
import { csvColumns } from './user-csv.ts'

const SCOPE: Scope = { accountId: '123456789012', region: 'eu-central-1' }
const POOL = 'eu-central-1_abc'
const COLUMNS = csvColumns([])
const JOB: ImportJob = {
  jobId: 'import-1',
  jobName: 'all',
  userPoolId: POOL,
  roleArn: '',
  status: 'Pending',
  createdAt: '2026-11-28T05:00:00.000Z',
  ...{ imported: 0, skipped: 0, failed: 0, done: 0, problems: [] },
}
const KEY = { kind: IMPORT_JOB_KIND, parent: POOL, id: 'import-1' }

function row(username: string, email = `${username}@example.com`): string {
  const values: Readonly<Record<string, string>> = {
    'cognito:username': username,
    'cognito:mfa_enabled': 'false',
    email,
    email_verified: 'true',
  }
  return writeCsvRow(COLUMNS.map((column) => values[column] ?? ''))
}

class World {
  readonly store = new MemoryStore()
  readonly imported: string[] = []
  readonly trouble: unknown[] = []
  outcome: (username: string) => RowOutcome = () => ({ kind: 'imported' })
  onImport: (username: string) => Promise<void> = async () => undefined

  readonly run = new ImportRun({
    store: this.store,
    now: () => new Date('2026-11-28T05:01:00.000Z'),
    rulesOf: async () => ({ columns: COLUMNS, requiredAttributes: [], autoVerified: ['email'] }),
    importUser: async (_scope, _pool, { username }) => {
      await this.onImport(username)
      this.imported.push(username)
      return this.outcome(username)
    },
    trouble: (thrown) => this.trouble.push(thrown),
  })

  put(text: string, job: ImportJob = JOB): Promise<void> {
    return this.store.write(async (transaction) => {
      const records = transaction.in(SCOPE)
      await records.put({ ...KEY, kind: IMPORT_FILE_KIND }, { text })
      await records.put(KEY, job)
    })
  }

  async job(): Promise<ImportJob> {
    const record = await this.store.read((reader) => reader.in(SCOPE).get<ImportJob>(KEY))
    return record!.body
  }

  async untilOver(): Promise<ImportJob> {
    for (let i = 0; i < 1_000; i++) {
      const job = await this.job()
      if (job.completedAt !== undefined) return job
      await new Promise((resolve) => setImmediate(resolve))
    }
    return assert.fail(`the job is not over: ${JSON.stringify(await this.job())}`)
  }
}

const HEADER = writeCsvRow(COLUMNS)

test('every row that is good is imported, every other one told by its line', async () => {
  const world = new World()
  await world.run.start()
  world.outcome = (username) =>
    username === 'ben'
      ? { kind: 'skipped' }
      : username === 'cleo'
        ? { kind: 'failed', problem: 'Invalid email address format.' }
        : { kind: 'imported' }
  await world.put(HEADER + row('ana') + row('ben') + row('cleo') + row('dora', '') + row('emil'))
  const job = await world.untilOver()
  assert.equal(job.status, 'Succeeded')
  assert.deepEqual([job.imported, job.skipped, job.failed], [2, 1, 2])
  assert.deepEqual(job.problems, [
    { line: 3, problem: 'The user is there already.' },
    { line: 4, problem: 'Invalid email address format.' },
    { line: 5, problem: 'email_verified is true and there is no email.' },
  ])
  const file = { ...KEY, kind: IMPORT_FILE_KIND }
  const left = await world.store.read((reader) => reader.in(SCOPE).get(file))
  assert.equal(left, undefined, 'the file is gone')
  await world.run.close()
})

test('a file that does not fit the pool fails as a whole', async () => {
  const world = new World()
  await world.run.start()
  await world.put('name\nana\n')
  const job = await world.untilOver()
  assert.deepEqual([job.status, job.imported], ['Failed', 0])
  assert.match(job.message!, /The header lacks/)
  assert.deepEqual(world.imported, [])
  await world.run.close()
})

test('a stop is obeyed, and what was imported stays', async () => {
  const world = new World()
  await world.run.start()
  world.onImport = async (username) => {
    if (username !== 'user10') return
    await world.store.write((transaction) =>
      transaction.in(SCOPE).put(KEY, { ...JOB, status: 'Stopping' }),
    )
  }
  await world.put(HEADER + Array.from({ length: 100 }, (_, i) => row(`user${i}`)).join(''))
  const job = await world.untilOver()
  assert.deepEqual([job.status, job.imported], ['Stopped', 32])
  await world.run.close()
})

test('after a restart it goes on behind what is done', async () => {
  const world = new World()
  await world.put(HEADER + row('ana') + row('ben') + row('cleo'), {
    ...JOB,
    status: 'InProgress',
    imported: 2,
    done: 3,
  })
  await world.run.start()
  const job = await world.untilOver()
  assert.deepEqual(world.imported, ['cleo'])
  assert.equal(job.imported, 3)
  await world.run.close()
})

test('a bug costs the job its progress, not the program', async () => {
  const world = new World()
  await world.run.start()
  world.onImport = async () => {
    throw new Error('a bug')
  }
  await world.put(HEADER + row('ana'))
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(world.trouble.length, 1)
  assert.equal((await world.job()).status, 'Pending')
  await world.run.close()
})
