/** Lines of a stream that has no end: JSON objects of a watch, one each, of a size that is bounded. */

import { StringDecoder } from 'node:string_decoder'

export class WatchLines {
  readonly #bytesMax: number
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The lines that are complete now. Throws a RangeError for one that is too long. */
  take(chunk: Buffer): string[] {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n')
    this.#rest = lines.pop()!
    if (this.#rest.length > this.#bytesMax) throw new RangeError('an event is too long')
    return lines.filter((line) => line.trim() !== '')
  }
}
