import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ControlServerFake } from './control-server.fake.ts'
import { runWords } from './terminal.fake.ts'

const ENTRY = {
  date: '2026-11-28',
  meter: 'a1b2c3d4e5/$default',
  client: 'shop\u001b[2J',
  allowed: 12,
  throttled: 3,
  overQuota: 0,
}

async function ask(words: readonly string[], answer: object) {
  const server = await ControlServerFake.start({
    answers: { ListUsage: () => answer, TopUpQuota: () => answer },
  })
  try {
    const said = await runWords({ words: ['usage', ...words], environment: server.environment })
    return { ...said, calls: server.calls }
  } finally {
    await server.stop()
  }
}

test('a line for each day, limit and client', async () => {
  const { code, out } = await ask([], { Usage: [ENTRY], Truncated: false })
  assert.equal(code, 0)
  assert.match(out, /^DATE +LIMIT +CLIENT +ALLOWED +THROTTLED +OVER QUOTA\n/)
  assert.match(out, /2026-11-28 +a1b2c3d4e5\/\$default +shop\?\[2J +12 +3 +0/)
})

test('days, client and form are as the flags say', async () => {
  const words = ['--from', '2026-11-01', '--to', '2026-11-30', '--client', 'shop', '--json']
  const { out, calls } = await ask(words, { Usage: [ENTRY], Truncated: false })
  assert.deepEqual(JSON.parse(out), { usage: [ENTRY], truncated: false })
  const input = { Client: 'shop', From: '2026-11-01', To: '2026-11-30' }
  assert.deepEqual(
    calls.map((call) => call.input),
    [input],
  )
})

test('what did not fit is said', async () => {
  const { err } = await ask([], { Usage: [ENTRY], Truncated: true })
  assert.match(err, /There is more/)
})

test('a quota is topped up, or the words are wrong', async () => {
  const done = { Meter: 'plan/p1', Client: 'k1', Period: '2026-11-01', Used: 10, Granted: 500 }
  const { code, out, calls } = await ask(['top-up', 'plan/p1', 'k1', '500'], done)
  assert.equal(code, 0)
  assert.match(out, /^k1 has 500 calls besides its quota in the period from 2026-11-01/)
  assert.deepEqual(calls[0]?.input, { Meter: 'plan/p1', Client: 'k1', Calls: 500 })
  assert.equal((await ask(['top-up', 'plan/p1', 'k1', 'many'], done)).code, 2)
  assert.equal((await ask(['raise'], done)).code, 2)
})
