import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ReadyReport, readyFacts, readyLines } from './ready-lines.ts'

const REPORT: ReadyReport = {
  version: '0.1.0',
  startMs: 160,
  workers: 1,
  list: { revision: 1, apis: [] },
  ports: { http: 8080, https: undefined },
  controlUrl: 'http://127.0.0.1:9080/',
  identityUrl: undefined,
  caFile: undefined,
  firstKey: undefined,
}

test('a control port that other machines reach is said to be plain HTTP', () => {
  const cases = [
    ['http://127.0.0.1:9080/', false],
    ['http://localhost:9080/', false],
    ['http://[::1]:9080/', false],
    ['http://0.0.0.0:9080/', true],
    ['http://[::]:9080/', true],
    ['http://gate.example:9080/', true],
  ] as const
  for (const [controlUrl, said] of cases) {
    const text = readyLines({ ...REPORT, controlUrl }).join('\n')
    assert.equal(text.includes('plain HTTP beyond this machine'), said, controlUrl)
    assert.match(text, /control {2}http:/)
  }
})

test('the first secret is for the person at the terminal, not for a log that programs read', () => {
  const firstKey = { accessKeyId: 'AKPOFIRST', secretAccessKey: 'very+secret' }
  const report = { ...REPORT, firstKey }
  assert.match(readyLines(report).join('\n'), /AKPOFIRST {2}very\+secret/)
  const facts = JSON.stringify(readyFacts(report))
  assert.match(facts, /"firstKeyId":"AKPOFIRST"/)
  assert.doesNotMatch(facts, /very\+secret/)
})
