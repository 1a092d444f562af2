// hot path — see STYLE §8
/**
 * Body chunks to a socket. A chunk stands in a buffer that is read into again at once, so it is copied; the copies go
 * into blocks that come back when the kernel has taken them. Without the blocks a large body leaves its own size in
 * garbage that V8 does not see as pressing (bench/rows/large-bodies.ts).
 */

import type { Socket } from 'node:net'

/** The largest read, and room for the framing of a chunk. */
const BLOCK_BYTES = 65_536 + 32
const BLOCKS_MAX = 128
/** Below it Node's own pool is the cheaper one. */
const BLOCK_FROM_BYTES = 4_096

const blocks: Buffer[] = []

/** Writes a copy of the chunk; as a chunk of the chunked coding (RFC 9112 §7.1) if `chunked`. False: wait for drain. */
export function writeChunk(socket: Socket, chunk: Uint8Array, chunked: boolean): boolean {
  const before = chunked ? `${chunk.length.toString(16)}\r\n` : ''
  const length = before.length + chunk.length + (chunked ? 2 : 0)
  if (length < BLOCK_FROM_BYTES || length > BLOCK_BYTES) {
    const copy = Buffer.allocUnsafe(length)
    fill(copy, chunk, before)
    return socket.write(copy)
  }
  const block = blocks.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
  fill(block, chunk, before)
  return socket.write(block.subarray(0, length), () => {
    if (blocks.length < BLOCKS_MAX) blocks.push(block)
  })
}

function fill(target: Buffer, chunk: Uint8Array, before: string): void {
  if (before !== '') {
    target.write(before, 0, 'latin1')
    target.write('\r\n', before.length + chunk.length, 'latin1')
  }
  target.set(chunk, before.length)
}
