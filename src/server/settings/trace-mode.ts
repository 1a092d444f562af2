/** The setting `--trace`: a mode by its name, or a share of all calls. */

import { last, quote, single, ValueError, type ValueType } from './value-type.ts'

const MODES = ['off', 'passive', 'aws', 'rules'] as const

/** A number is a share, from 0 to 1. */
export type TraceMode = (typeof MODES)[number] | number

export const traceMode: ValueType<TraceMode> = {
  ...single,
  placeholder: 'off|passive|aws|rules|SHARE',
  words: MODES,
  read: (texts) => {
    const text = last(texts)
    const mode = MODES.find((known) => known === text)
    if (mode !== undefined) return mode
    const share = /^\d{1,3}(?:\.\d{1,9})?%?$/.test(text) ? shareOf(text) : undefined
    if (share !== undefined && share <= 1) return share
    throw new ValueError(
      `must be ${MODES.join(', ')} or a share such as 0.01 or 5%, not ${quote(text)}`,
    )
  },
}

function shareOf(text: string): number {
  return text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text)
}
