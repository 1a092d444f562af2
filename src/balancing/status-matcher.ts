/** Which status codes are healthy: `200`, `200,202`, `200-299`, mixed (Matcher of Elastic Load Balancing). */

export type StatusMatcher = (status: number) => boolean

/** Undefined: it cannot be read. */
export function compileMatcher(text: string): StatusMatcher | undefined {
  const ranges: [number, number][] = []
  for (const part of text.split(',')) {
    const found = /^(\d{3})(?:-(\d{3}))?$/.exec(part.trim())
    if (found === null) return undefined
    ranges.push([Number(found[1]), Number(found[2] ?? found[1])])
  }
  return (status) => ranges.some(([from, to]) => status >= from && status <= to)
}
