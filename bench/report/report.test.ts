import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Claim, RowResult } from '../row.ts'
import { holds } from '../row.ts'
import { drawChart } from './chart.ts'
import type { Machine } from './machine.ts'
import { formatBar, formatNumber, formatQuantity, formatVerdict } from './numbers.ts'
import { writePage } from './page.ts'
import { mergeResults } from './results.ts'

const MACHINE: Machine = {
  processor: 'Some & Processor',
  coreCount: 2,
  memoryGb: 8,
  kernel: 'Linux 6.1',
  cores: { gateway: 0, load: 1, origin: 1 },
  versions: { node: 'v24.0.0', nginx: '1.22.1' },
}

function row(id: string, postern: number): RowResult {
  const figure = (subject: string, value: number) =>
    ({
      subject,
      quantity: 'CPU per request',
      unit: 'µs',
      samples: [value, value + 2, value + 1],
    }) as const
  return {
    id,
    title: `work <${id}>`,
    method: 'How.',
    shown: ['CPU per request'],
    measuredAt: '2030-01-02T03:04:05.000Z',
    runs: 3,
    seconds: 4,
    busyPercent: 3,
    figures: [figure('postern', postern), figure('nginx', 20)],
    claims: [{ sentence: 'postern ÷ nginx', value: postern / 20, unit: '×', atMost: 1.1 }],
  }
}

describe('numbers', () => {
  for (const [value, text] of [
    [0.123, '0.12'],
    [9.96, '9.96'],
    [12.34, '12.3'],
    [123.4, '123'],
    [42_345.6, '42 346'],
    [1_234_567, '1 234 567'],
    [-31.6, '-31.6'],
    [7, '7'],
  ] as const) {
    it(`${value} is written ${text}`, () => assert.equal(formatNumber(value), text))
  }

  for (const [claim, bar, verdict] of [
    [{ value: 1.1, unit: '×', atMost: 1.1 }, '≤ 1.10×', 'held'],
    [{ value: 1.11, unit: '×', atMost: 1.1 }, '≤ 1.10×', 'not held'],
    [{ value: 0.79, unit: '×', atLeast: 0.8 }, '≥ 0.80×', 'not held'],
    [{ value: 1, unit: 'count', atMost: 0 }, '≤ 0', 'not held'],
    [{ value: 9, unit: 'ms' }, '', 'told'],
  ] as const) {
    it(`${formatQuantity(claim.value, claim.unit)} against "${bar}" is ${verdict}`, () => {
      const whole: Claim = { sentence: 'x', ...claim }
      assert.deepEqual([formatBar(whole), formatVerdict(whole)], [bar, verdict])
      assert.equal(holds(whole), bar === '' ? undefined : verdict === 'held')
    })
  }
})

describe('results', () => {
  const last = { machine: MACHINE, rows: [row('P2', 30), row('P9', 25)] }

  it('keep the rows of the same machine that were not measured again', () => {
    const merged = mergeResults({ machine: MACHINE, rows: [row('P4', 22), row('P2', 21)] }, last)
    const found = merged.rows.map(({ id, figures }) => [id, figures[0]?.samples[0]])
    assert.deepEqual(found, [
      ['P2', 21],
      ['P4', 22],
      ['P9', 25],
    ])
  })

  it('never mix machines or versions', () => {
    const other = { ...MACHINE, versions: { ...MACHINE.versions, nginx: '1.28.0' } }
    const merged = mergeResults({ machine: other, rows: [row('P4', 22)] }, last)
    assert.deepEqual(
      merged.rows.map(({ id }) => id),
      ['P4'],
    )
  })
})

describe('picture and page', () => {
  const results = { machine: MACHINE, rows: [row('P2', 22)] }

  it('draws bars in proportion to the medians, and escapes text', () => {
    const svg = drawChart(results)
    const widths = [...svg.matchAll(/class="(own|peer)" x="\d+" y="\d+" width="([\d.]+)"/g)]
    assert.deepEqual(
      widths.map(([, kind]) => kind),
      ['own', 'peer'],
    )
    const [own, peer] = widths.map(([, , width]) => Number(width))
    assert.ok(Math.abs(own! / peer! - 23 / 21) < 0.01)
    assert.match(svg, /work &lt;P2>/)
    assert.match(svg, /prefers-color-scheme: dark/)
  })

  it('tells machine, claim, bar, verdict and medians', () => {
    const page = writePage(results)
    assert.match(page, /Some & Processor, 2 cores, 8 GB, Linux 6\.1/)
    assert.match(page, /\| P2 \| work <P2> \| postern ÷ nginx \| 1\.10× \| ≤ 1\.10× \| held \|/)
    assert.match(page, /\| postern \| CPU per request \| 23 µs \|/)
    assert.match(page, /3 runs of 4 s, 2030-01-02, machine 3 % busy/)
  })
})
