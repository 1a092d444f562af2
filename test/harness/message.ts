/**
 * An HTTP/1 message as the actors of a scenario see it, read by the strictest rules there are: a peer that sends one
 * byte out of place fails the scenario. Shares no code with the engine that is under test.
 */

export class Message {
  readonly startLine: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  body: Buffer = Buffer.alloc(0)
  /** Sizes of the chunks the body came in; undefined when it was not chunked. */
  chunks: number[] | undefined
  trailers: readonly (readonly [name: string, value: string])[] = []

  constructor(head: string) {
    const [startLine = '', ...lines] = head.split('\r\n')
    this.startLine = startLine
    this.fields = lines.map(readField)
  }

  /** Status of a response. */
  get status(): number {
    const found = /^HTTP\/1\.1 ([1-5]\d\d) [\t\x20-\x7e]*$/.exec(this.startLine)
    if (found === null) throw new Error(`not a status line: ${JSON.stringify(this.startLine)}`)
    return Number(found[1])
  }

  /** Method, target and version of a request. */
  get requestLine(): readonly [method: string, target: string, version: string] {
    const found = /^([!#$%&'*+\-.^_`|~\w]+) (\S+) (HTTP\/1\.1)$/.exec(this.startLine)
    if (found === null) throw new Error(`not a request line: ${JSON.stringify(this.startLine)}`)
    return [found[1]!, found[2]!, found[3]!]
  }

  get target(): string {
    return this.requestLine[1]
  }

  /** All values of a field, joined; undefined when it is absent. */
  get(lowerName: string): string | undefined {
    const values = this.all(lowerName)
    return values.length === 0 ? undefined : values.join(', ')
  }

  all(lowerName: string): string[] {
    return this.fields
      .filter(([name]) => name.toLowerCase() === lowerName)
      .map(([, value]) => value)
  }

  get text(): string {
    return this.body.toString('latin1')
  }

  get json(): unknown {
    return JSON.parse(this.body.toString('utf8'))
  }

  /** Body bytes that the head announces: a length, `chunked`, or `none` where neither field stands. */
  get framing(): number | 'chunked' | 'none' {
    const lengths = this.all('content-length')
    const codings = this.all('transfer-encoding')
    if (lengths.length + codings.length > 1) throw new Error(`two framings: ${this.startLine}`)
    if (codings.length === 1) {
      if (codings[0] !== 'chunked') throw new Error(`transfer-encoding: ${codings[0]}`)
      return 'chunked'
    }
    if (lengths.length === 0) return 'none'
    if (!/^\d{1,15}$/.test(lengths[0]!)) throw new Error(`content-length: ${lengths[0]}`)
    return Number(lengths[0])
  }
}

export function readField(line: string): readonly [string, string] {
  const found =
    /^([!#$%&'*+\-.^_`|~\w]+): ?((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)$/.exec(
      line,
    )
  if (found === null) throw new Error(`not a field line: ${JSON.stringify(line)}`)
  return [found[1]!, found[2]!]
}
