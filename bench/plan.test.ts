import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePlan } from './plan.ts'
import { ROWS, selectRows } from './rows/rows.ts'

describe('the command line of the bench', () => {
  it('runs everything, five runs of four seconds, unless told otherwise', () => {
    const { rows, runs, seconds, peers, quick } = parsePlan([])
    assert.deepEqual(
      { rows, runs, seconds, peers, quick },
      { rows: [], runs: 5, seconds: 4, peers: [], quick: false },
    )
  })

  it('takes rows in either case, and its flags', () => {
    const plan = parsePlan([
      'p2',
      'TLS1',
      '--runs',
      '9',
      '--seconds',
      '2',
      '--peers',
      'postern,nginx',
    ])
    assert.deepEqual(plan.rows, ['P2', 'TLS1'])
    assert.deepEqual([plan.runs, plan.seconds, plan.peers], [9, 2, ['postern', 'nginx']])
  })

  it('--quick is short, and a number beside it still counts', () => {
    assert.deepEqual([parsePlan(['--quick']).runs, parsePlan(['--quick']).seconds], [2, 1])
    assert.equal(parsePlan(['--quick', '--runs', '3']).runs, 3)
  })

  for (const words of [
    ['--runs', '0'],
    ['--runs', 'many'],
    ['--seconds', '1.5'],
    ['--seconds', '9999'],
    ['--fast'],
  ]) {
    it(`refuses ${words.join(' ')}`, () => {
      assert.throws(() => parsePlan(words))
    })
  }
})

describe('the rows of the bench', () => {
  it('are all selected by no name, and by the start of a name', () => {
    assert.equal(selectRows([]).length, ROWS.length)
    assert.deepEqual(
      selectRows(['P5']).map(({ id }) => id),
      ['P5START', 'P5DEPLOY', 'P5CALL'],
    )
    assert.deepEqual(
      selectRows(['TLS2', 'P2']).map(({ id }) => id),
      ['P2', 'TLS2'],
    )
  })

  it('refuse a name that is none, and say which there are', () => {
    assert.throws(() => selectRows(['P77']), /no row P77; the rows are P1, P2, P3/)
  })

  it('have names of their own', () => {
    assert.equal(new Set(ROWS.map(({ id }) => id)).size, ROWS.length)
  })
})
