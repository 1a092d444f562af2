/** Colors for terminals that want them. */

export type Color = 'red' | 'green' | 'yellow' | 'cyan' | 'dim'

export type Paint = (color: Color, text: string) => string

const CODES: Readonly<Record<Color, number>> = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2 }

export function painter(colors: boolean): Paint {
  return colors ? (color, text) => `\x1b[${CODES[color]}m${text}\x1b[0m` : (_color, text) => text
}
