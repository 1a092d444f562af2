import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dateOfDay, dayOf, dayOfDate, periodEnd, periodStart } from './quota-period.ts'

const ROWS: readonly [
  period: 'DAY' | 'WEEK' | 'MONTH',
  offset: number,
  moment: string,
  start: string,
  end: string,
][] = [
  ['DAY', 0, '2026-11-28T00:00:00.000Z', '2026-11-28', '2026-11-29'],
  ['DAY', 0, '2026-11-28T23:59:59.999Z', '2026-11-28', '2026-11-29'],
  // A Saturday.
  ['WEEK', 0, '2026-11-28T12:00:00Z', '2026-11-22', '2026-11-29'],
  ['WEEK', 0, '2026-11-29T00:00:00Z', '2026-11-29', '2026-12-06'],
  ['WEEK', 1, '2026-11-29T00:00:00Z', '2026-11-23', '2026-11-30'],
  ['WEEK', 6, '2026-11-28T00:00:00Z', '2026-11-28', '2026-12-05'],
  ['MONTH', 0, '2026-11-30T23:59:59.999Z', '2026-11-01', '2026-12-01'],
  ['MONTH', 0, '2026-12-01T00:00:00Z', '2026-12-01', '2027-01-01'],
  ['MONTH', 14, '2026-12-14T00:00:00Z', '2026-11-15', '2026-12-15'],
  ['MONTH', 14, '2026-12-15T00:00:00Z', '2026-12-15', '2027-01-15'],
  ['MONTH', 27, '2027-01-05T00:00:00Z', '2026-12-28', '2027-01-28'],
  ['MONTH', 0, '2028-02-29T10:00:00Z', '2028-02-01', '2028-03-01'],
  // Clocks are put forward in Europe that night; UTC is not.
  ['DAY', 0, '2026-03-29T01:30:00Z', '2026-03-29', '2026-03-30'],
]

for (const [period, offset, moment, start, end] of ROWS) {
  test(`${moment} is in the ${period} from ${start}, offset ${offset}`, () => {
    const quota = { period, offset }
    const first = periodStart(quota, dayOf(Date.parse(moment)))
    assert.equal(dateOfDay(first), start)
    assert.equal(dateOfDay(periodEnd(quota, first)), end)
  })
}

test('periods follow each other without a gap, for ten years', () => {
  for (const period of ['DAY', 'WEEK', 'MONTH'] as const) {
    for (const offset of period === 'DAY' ? [0] : [0, 3, 6]) {
      let start = periodStart({ period, offset }, 20_000)
      for (let day = 20_000; day < 23_650; day++) {
        const next = periodStart({ period, offset }, day)
        if (next !== start) assert.equal(next, periodEnd({ period, offset }, start))
        assert.ok(next <= day && day < periodEnd({ period, offset }, next))
        start = next
      }
    }
  }
})

test('a date is a day, and nothing else is', () => {
  assert.equal(dateOfDay(dayOfDate('2026-11-28')!), '2026-11-28')
  for (const text of ['2026-02-30', '2026-1-1', '28.11.2026', '']) {
    assert.equal(dayOfDate(text), undefined)
  }
})
