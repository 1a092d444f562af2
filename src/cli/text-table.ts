/** Rows of text in aligned columns, and paragraphs, for terminals and for `less`. */

const GAP = '  '

/** No trailing blanks; the last column is not padded. `heading` may be empty. */
export function renderTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const all = heading.length === 0 ? rows : [heading, ...rows]
  const widths: number[] = []
  for (const row of all) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  }
  return all.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join(GAP)
      .trimEnd(),
  )
}

export interface PairLayout {
  /** No line is longer, unless one word is. */
  readonly width: number
  /** A left side beyond this has a line for itself. */
  readonly leftMax: number
}

/** What it is and what it means: two columns, the right one wrapped. */
export function renderPairs(
  pairs: readonly (readonly [left: string, right: string])[],
  { width, leftMax }: PairLayout,
): string[] {
  const lengths = pairs.map(([left]) => left.length).filter((length) => length <= leftMax)
  const indent = Math.max(0, ...lengths) + GAP.length
  return pairs.flatMap(([left, right]) => {
    const [first = '', ...rest] = wrap(right, width - indent)
    const begin = left.length <= leftMax ? [left.padEnd(indent) + first] : [left, first]
    return [begin[0]!, ...[...begin.slice(1), ...rest].map((line) => ' '.repeat(indent) + line)]
  })
}

/** Breaks between words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`
    } else lines.push(word)
  }
  return lines
}

/** `2026-11-22 22:04:22Z`: UTC, to the second; '' for no time. */
export function timeText(time: Date | string | number | undefined): string {
  if (time === undefined) return ''
  const date = new Date(time)
  return Number.isNaN(date.getTime())
    ? String(time)
    : `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** Text from outside, safe for a terminal. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')
}

/** `1.4 MB`, in thousands as networks count. */
export function bytesText(bytes: number): string {
  let value = bytes
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (value < 1_000) return `${unit === 'B' ? value : value.toFixed(1)} ${unit}`
    value /= 1_000
  }
  return `${value.toFixed(1)} TB`
}
