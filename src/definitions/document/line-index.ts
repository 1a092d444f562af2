/** From an offset in a text to the line and column that an editor shows, both from 1. */

export interface Place {
  readonly line: number
  readonly column: number
}

export class LineIndex {
  readonly #text: string
  #starts: number[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** Offsets beyond the text get the place of its end. */
  placeOf(offset: number): Place {
    this.#starts ??= lineStarts(this.#text)
    const bounded = Math.max(0, Math.min(offset, this.#text.length))
    const line = lastAtMost(this.#starts, bounded)
    return { line: line + 1, column: bounded - this.#starts[line]! + 1 }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
    starts.push(end + 1)
  }
  return starts
}

/** Index of the last number that is not above `value`; `numbers` are sorted and begin with 0. */
function lastAtMost(numbers: readonly number[], value: number): number {
  let low = 0
  let high = numbers.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (numbers[middle]! <= value) low = middle
    else high = middle - 1
  }
  return low
}
