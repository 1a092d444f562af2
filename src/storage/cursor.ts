/**
 * Cursors of lists: where a page has ended, for the next one to begin.
 *
 * A cursor says a position and nothing of the record there, so it stays good when that record is gone. It is bound to its
 * list (scope, kind, parent) by an HMAC under a key of the store: what the store has not made for this very list is
 * refused, whatever a client tries.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { InvalidCursor, type Scope } from './store.ts'

/** Written first, so that another form can follow. */
const VERSION = 1
const POSITION_BYTES = 6
const HEAD_BYTES = 1 + POSITION_BYTES
const CODE_BYTES = 16

export interface ListName {
  readonly scope: Scope
  readonly kind: string
  readonly parent: string
}

export class Cursors {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  encode(list: ListName, position: number): string {
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt8(VERSION)
    head.writeUIntBE(position, 1, POSITION_BYTES)
    return Buffer.concat([head, this.#code(list, head)]).toString('base64url')
  }

  /** The position after which to go on. */
  decode(list: ListName, cursor: string): number {
    const bytes = Buffer.from(cursor, 'base64url')
    // Base64 has several spellings for some bytes; only the one that was given out is a cursor.
    const isWhole =
      bytes.length === HEAD_BYTES + CODE_BYTES && bytes.toString('base64url') === cursor
    if (!isWhole || bytes[0] !== VERSION) throw new InvalidCursor('This is not a cursor.')
    const head = bytes.subarray(0, HEAD_BYTES)
    if (!timingSafeEqual(bytes.subarray(HEAD_BYTES), this.#code(list, head))) {
      throw new InvalidCursor('The cursor does not belong to this list.')
    }
    return head.readUIntBE(1, POSITION_BYTES)
  }

  #code({ scope, kind, parent }: ListName, head: Uint8Array): Buffer {
    const name = JSON.stringify([scope.accountId, scope.region, kind, parent])
    const hmac = createHmac('sha256', this.#key).update(head).update(name)
    return hmac.digest().subarray(0, CODE_BYTES)
  }
}
