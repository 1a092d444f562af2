/**
 * The time of a request as Common Log Format writes it, always in UTC: `22/Nov/2026:19:10:17 +0000`.
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

// Requests of the same second share the text.
let memoSecond = Number.NaN
let memoText = ''

export function formatRequestTime(epochMs: number): string {
  const second = Math.floor(epochMs / 1000)
  if (second !== memoSecond) {
    memoText = formatSecond(second)
    memoSecond = second
  }
  return memoText
}

function formatSecond(second: number): string {
  const date = new Date(second * 1000)
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `${day}:${time} +0000`
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
