/** A row on the terminal: the figures, then the claims with their bars. */
import type { RowResult } from '../row.ts'
import { figureMedian, formatBar, formatNumber, formatQuantity, formatVerdict } from './numbers.ts'

export function printRow(row: RowResult, say: (line: string) => void): void {
  if (row.figures.length === 0) {
    say('  left out: --peers names none of its programs')
    return
  }
  for (const figure of row.figures) {
    const value = formatQuantity(figureMedian(figure), figure.unit).padStart(14)
    const spread = figure.samples.map(formatNumber).join(' · ')
    say(`  ${figure.subject.padEnd(24)} ${figure.quantity.padEnd(28)} ${value}   ${spread}`)
  }
  for (const claim of row.claims) {
    const bar = formatBar(claim)
    const verdict = bar === '' ? '' : `  bar ${bar}: ${formatVerdict(claim)}`
    say(`  → ${claim.sentence.padEnd(52)} ${formatQuantity(claim.value, claim.unit)}${verdict}`)
  }
}
