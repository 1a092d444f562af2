/** What one bench is asked to do: `node bench/run.ts [rows…] [--runs 5] [--seconds 4] [--quick] …`. */
import { parseArgs } from 'node:util'

export const USAGE = `Usage: npm run bench -- [ROW…] [--runs N] [--seconds S] [--peers a,b] [--quick] [--no-build]

  ROW              rows to run, by name (P2 P3 …); all by default
  --runs N         runs per row, the peers taking turns within each (default 5)
  --seconds S      length of one load (default 4)
  --peers a,b      only these programs, e.g. postern,nginx (default all)
  --quick          2 runs of 1 second, to see that all works; written to bench/results/quick.*,
                   and docs/performance.md stays as it is
  --no-build       measure dist/ as it is, without building first
`

export interface Plan {
  /** Upper case; empty: all. */
  readonly rows: readonly string[]
  readonly runs: number
  readonly seconds: number
  readonly warmupSeconds: number
  /** Empty: all. */
  readonly peers: readonly string[]
  readonly quick: boolean
  readonly build: boolean
}

export function parsePlan(words: readonly string[]): Plan {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      seconds: { type: 'string' },
      peers: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
    },
  })
  const { quick } = values
  return {
    rows: positionals.map((name) => name.toUpperCase()),
    runs: count('--runs', values.runs ?? (quick ? '2' : '5'), 50),
    seconds: count('--seconds', values.seconds ?? (quick ? '1' : '4'), 60),
    warmupSeconds: quick ? 1 : 3,
    peers: values.peers === '' ? [] : values.peers.split(','),
    quick,
    build: !values['no-build'],
  }
}

function count(flag: string, text: string, most: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new Error(`bench: ${flag} must be a whole number from 1 to ${most}, not "${text}"`)
  }
  return value
}
