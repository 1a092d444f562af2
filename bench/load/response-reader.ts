/**
 * The smallest reader of HTTP/1.1 responses that a load generator needs: finds the end of each response by its
 * Content-Length and gives its status. Anything it does not understand is an error, never a guess.
 */
export class ResponseReader {
  #text = ''

  /** Takes bytes as latin1; returns the status when a response has ended, 0 while it has not. */
  read(text: string): number {
    this.#text = this.#text === '' ? text : this.#text + text
    const headEnd = this.#text.indexOf('\r\n\r\n')
    if (headEnd < 0) return 0
    const end = headEnd + 4 + contentLength(this.#text.slice(0, headEnd))
    if (this.#text.length < end) return 0
    if (this.#text.length > end) throw new Error('bench: more bytes than one response')
    const status = Number(this.#text.slice(9, 12))
    this.#text = ''
    return status
  }
}

function contentLength(head: string): number {
  const found = /\r\ncontent-length: *(\d+)/i.exec(head)
  if (found === null) throw new Error(`bench: a response without Content-Length: ${head}`)
  return Number(found[1])
}
