/** How numbers are written, everywhere the same: three significant digits, thousands apart. */
import { type Claim, type Figure, holds, type Unit } from '../row.ts'
import { median } from '../statistics.ts'

/** `19.4 µs`, `42 300 per s`, `1.04×`. */
export function formatQuantity(value: number, unit: Unit): string {
  if (unit === 'count') return formatNumber(value)
  return unit === '×' ? `${value.toFixed(2)}×` : `${formatNumber(value)} ${unit}`
}

export function formatNumber(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) || size >= 100) {
    return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ')
  }
  return value.toFixed(size >= 10 ? 1 : 2)
}

export function figureMedian(figure: Figure): number {
  return median(figure.samples)
}

/** `≤ 1.10×`, or an empty text where there is no bar. */
export function formatBar(claim: Claim): string {
  if (claim.atMost !== undefined) return `≤ ${formatQuantity(claim.atMost, claim.unit)}`
  if (claim.atLeast !== undefined) return `≥ ${formatQuantity(claim.atLeast, claim.unit)}`
  return ''
}

/** `held`, `not held`, or `told` for a claim without a bar. */
export function formatVerdict(claim: Claim): string {
  const held = holds(claim)
  return held === undefined ? 'told' : held ? 'held' : 'not held'
}
