/** One consistent view of the file: what `read` gives to its work, here and in another process. */

import { assert } from '../../base/assert.ts'
import type { Cursors } from '../cursor.ts'
import type { Reader } from '../store.ts'
import type { Connection } from './connection.ts'
import { RecordTable, TableReader } from './record-table.ts'

export interface ViewParts<T> {
  /** In a transaction. */
  readonly connection: Connection
  readonly cursors: Cursors
  readonly work: (reader: Reader) => Promise<T>
}

/** Runs `work`; afterwards its reader is of no use. */
export async function readView<T>({ connection, cursors, work }: ViewParts<T>): Promise<T> {
  let isOver = false
  const reader = new TableReader(new RecordTable(connection, cursors), () => {
    assert(!isOver, 'a reader is not used after its read')
  })
  try {
    return await work(reader)
  } finally {
    isOver = true
  }
}

interface Meta {
  readonly revision: number
  /** Makes the cursors of this store. */
  readonly 'cursor-key': Uint8Array
}

export function readMeta<Name extends keyof Meta>(connection: Connection, name: Name): Meta[Name] {
  return connection.get<{ value: Meta[Name] }>('SELECT value FROM meta WHERE name = ?', name)!.value
}
