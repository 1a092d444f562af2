/** JSON pointers (RFC 6901): how problems name a place inside a definition, whatever its syntax. */

/** Pointer of the member `key` of the value at `pointer`. */
export function pointerTo(pointer: string, key: string | number): string {
  return `${pointer}/${escapeKey(String(key))}`
}

/** Keys from the root to the value; empty for the whole document. */
export function keysOf(pointer: string): string[] {
  return pointer.split('/').slice(1).map(unescapeKey)
}

/** Pointer of the value that holds the one at `pointer`; '' for the root's own members. */
export function parentOf(pointer: string): string {
  return pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')))
}

function escapeKey(key: string): string {
  return /[~/]/.test(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key
}

function unescapeKey(key: string): string {
  return key.includes('~') ? key.replaceAll('~1', '/').replaceAll('~0', '~') : key
}
