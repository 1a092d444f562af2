// hot path — see STYLE §8
/**
 * A whole small message to a socket in one system call, past the stream's own queue.
 *
 * `socket.write` keeps books about each write and schedules a callback for the next tick, which most writes do not need:
 * the kernel takes a small message at once. 19.8 → 18.8 µs of CPU for a proxied request, two such writes each
 * (bench/rows/bare-proxy.ts, Node 24). Where the kernel does not take it, libuv has queued the rest behind what was
 * queued before, and in front of whatever the stream writes afterwards.
 *
 * For plain TCP only: a TLS socket takes one write at a time and relies on the stream to wait.
 */

import type { Socket } from 'node:net'

interface WritableInternals {
  _write(chunk: string, encoding: 'latin1', done: (error?: Error | null) => void): void
}

let taken = false
let failure: Error | undefined

function onTaken(error?: Error | null): void {
  taken = true
  failure = error ?? undefined
}

/**
 * Writes latin1 text. False: the kernel has not taken all of it; `socket.write('', callback)` says when it has. The
 * socket must be a connected plain one, and nothing may wait in its stream (`writableLength` is 0).
 */
export function writeNow(socket: Socket, text: string): boolean {
  taken = false
  failure = undefined
  ;(socket as unknown as WritableInternals)._write(text, 'latin1', onTaken)
  if (failure !== undefined) socket.destroy(failure)
  return taken
}
