import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ControlServerFake } from './control-server.fake.ts'
import { runWords } from './terminal.fake.ts'

const MESSAGE = {
  id: 'm1',
  userPoolId: 'eu-central-1_abc',
  username: 'ana\u001b[2J',
  medium: 'EMAIL',
  destination: 'ana@example.com',
  purpose: 'SIGN_UP',
  subject: 'Your code',
  body: 'Your code is 123456',
  code: '123456',
  createdAt: '2026-11-22T10:00:00.000Z',
}

async function ask(words: readonly string[], Messages: readonly object[]) {
  const server = await ControlServerFake.start({
    answers: { ListOutboxMessages: () => ({ Messages }) },
  })
  try {
    const said = await runWords({ words: ['outbox', ...words], environment: server.environment })
    return { ...said, calls: server.calls }
  } finally {
    await server.stop()
  }
}

test('a line for each message, with its code and what became of it', async () => {
  const at = '2026-11-22T10:00:02.000Z'
  const { code, out } = await ask(
    [],
    [
      MESSAGE,
      { ...MESSAGE, delivery: { status: 'sent', attempts: 1, sentAt: at } },
      {
        ...MESSAGE,
        delivery: { status: 'waiting', attempts: 1, lastError: 'status 503', nextAttemptAt: at },
      },
      { ...MESSAGE, delivery: { status: 'failed', attempts: 12, lastError: 'status 400' } },
    ],
  )
  assert.equal(code, 0)
  const [heading, ...rows] = out.trimEnd().split('\n')
  assert.match(heading!, /^TIME +POOL +USER +TO +ABOUT +CODE +SENT$/)
  assert.match(rows[0]!, /ana\?\[2J +ana@example\.com +SIGN_UP +123456 +-$/)
  assert.match(rows[1]!, /2026-11-22 10:00:02Z$/)
  assert.match(rows[2]!, /waits until 2026-11-22 10:00:02Z \(status 503\)$/)
  assert.match(rows[3]!, /no: status 400$/)
})

test('the filters go along, and --json gives it all', async () => {
  const words = ['--pool', 'eu-central-1_abc', '--user', 'ana', '--last', '5', '--json']
  const { out, calls } = await ask(words, [MESSAGE])
  assert.deepEqual(calls[0]?.input, {
    UserPoolId: 'eu-central-1_abc',
    Username: 'ana',
    MaxResults: 5,
  })
  assert.deepEqual(JSON.parse(out), { messages: [MESSAGE] })
})

test('an empty outbox says so', async () => {
  assert.equal((await ask([], [])).out, 'Nothing was written to anybody.\n')
})
