/**
 * `tracestate`: what the systems of a trace say to each other, handed on as it came as long as it is well formed, and
 * never longer than W3C asks every participant to carry (https://www.w3.org/TR/trace-context-1/#tracestate-header).
 */

const MEMBERS_MAX = 32
const CHARACTERS_MAX = 512
const MEMBER =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/** The members that fit, the first ones first; '' when one of them is malformed or a key stands there twice. */
export function boundedTraceState(text: string): string {
  const kept: string[] = []
  const keys = new Set<string>()
  let characters = 0
  let isFull = false
  // Nothing longer can come out of a head within its limit; a head beyond it was refused.
  for (const written of text.split(',')) {
    const member = written.trim()
    if (member === '') continue
    if (!MEMBER.test(member)) return ''
    const key = member.slice(0, member.indexOf('='))
    if (keys.has(key)) return ''
    keys.add(key)
    characters += member.length + 1
    isFull ||= kept.length === MEMBERS_MAX || characters > CHARACTERS_MAX + 1
    if (!isFull) kept.push(member)
  }
  return keys.size > MEMBERS_MAX ? '' : kept.join(',')
}
