// hot path — see STYLE §8
/**
 * Where log lines go: standard output or a file, in batches, without ever making a request wait.
 *
 * Lines collect in a buffer that is written when it is full or a few milliseconds old, one write at a time. What waits
 * is bounded: beyond the bound lines are dropped and counted, and so are lines that a write could not bring out (disk
 * full, reader gone). A file is opened for appending, so several workers add whole lines to it and a copy-truncate
 * rotation starts it anew; after a rotation by renaming, `reopen` takes the new file.
 */

import {
  close as closeFd,
  constants,
  fstatSync,
  open as openFd,
  openSync,
  write as writeFd,
} from 'node:fs'
import { LIMITS } from '../../domain/limits.ts'

export type LogTarget =
  | { readonly kind: 'stdout' }
  | { readonly kind: 'file'; readonly path: string }

export interface LogSinkOptions {
  /** Bytes that may wait for the target. */
  readonly bytesMax?: number
  /** How long a line may wait for company. */
  readonly delayMs?: number
}

const STDOUT = 1
const BATCH_BYTES = 65_536
/** A pipe takes this many bytes in one piece or not at all (PIPE_BUF), so lines of several workers do not mix. */
const PIPE_BATCH_BYTES = 4_096
const RETRY_MS = 10
const CLOSE_TIMEOUT_MS = 1_000
const LINE_FEED = 0x0a
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK
const FILE_MODE = 0o640

/** Lines that are written together. */
interface Batch {
  bytes: Buffer
  /** Bytes in use. */
  length: number
  lines: number
}

export class LogSink {
  /** Lines that never reached the target. */
  dropped = 0
  readonly #target: LogTarget
  readonly #bytesMax: number
  readonly #delayMs: number
  readonly #batchBytes: number
  #fd: number
  /** Takes the place of `#fd` at the next line's beginning. */
  #fdAfter: number | undefined
  #open: Batch
  /** Full batches, first in first out; the first one is being written while `#writing`. */
  readonly #full: Batch[] = []
  #bytesWaiting = 0
  #offset = 0
  #writing = false
  /** The end of the last line that went out is missing. */
  #torn = false
  #closed = false
  #timer: NodeJS.Timeout | undefined
  #whenIdle: (() => void)[] = []

  /** Opens the target at once; throws Node's error when it cannot be opened. */
  constructor(target: LogTarget, options: LogSinkOptions = {}) {
    this.#target = target
    this.#bytesMax = options.bytesMax ?? LIMITS.accessLogBufferBytes.extended
    this.#delayMs = options.delayMs ?? 10
    this.#fd = target.kind === 'file' ? openSync(target.path, APPEND, FILE_MODE) : openStdout()
    this.#batchBytes = fstatSync(this.#fd).isFIFO() ? PIPE_BATCH_BYTES : BATCH_BYTES
    this.#open = newBatch(this.#batchBytes)
  }

  /** Takes one line without its line feed; drops and counts it when too much is waiting. */
  write(line: string): void {
    if (this.#closed) {
      this.dropped++
      return
    }
    // Three bytes of UTF-8 at most for each UTF-16 unit, so no line is measured twice.
    const room = line.length * 3 + 1
    if (room > this.#open.bytes.length - this.#open.length) this.#makeRoom(line, room)
    const batch = this.#open
    if (this.#bytesWaiting + batch.length + line.length + 1 > this.#bytesMax) {
      this.dropped++
      return
    }
    const end = batch.length + batch.bytes.write(line, batch.length)
    batch.bytes[end] = LINE_FEED
    batch.length = end + 1
    batch.lines++
    this.#timer ??= setTimeout(() => this.#writeSoon(), this.#delayMs).unref()
  }

  /** Resolves when everything that was taken before is written or given up. */
  flush(): Promise<void> {
    this.#sealOpen()
    this.#writeNext()
    if (!this.#writing && this.#full.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  /**
   * Goes on in the file that the path names now, as soon as no line is half written. Rejects when the file cannot be
   * opened, and stays with the old one then.
   */
  async reopen(): Promise<void> {
    if (this.#target.kind !== 'file' || this.#closed) return
    const fd = await openForAppending(this.#target.path)
    const unused = this.#closed ? fd : this.#fdAfter
    if (unused !== undefined) closeFd(unused, nothing)
    if (this.#closed) return
    this.#fdAfter = fd
    this.#writeNext()
  }

  /** Writes what is waiting, for a second at most, and gives the file back. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    let deadline: NodeJS.Timeout | undefined
    const timeout = new Promise<void>((resolve) => {
      deadline = setTimeout(resolve, CLOSE_TIMEOUT_MS)
    })
    await Promise.race([this.flush(), timeout])
    clearTimeout(deadline)
    this.#giveUpAll()
    // A write that is still under way keeps its descriptor: closing it could hand the number to another file.
    if (this.#fdAfter !== undefined) await closed(this.#fdAfter)
    if (this.#fd !== STDOUT && !this.#writing) await closed(this.#fd)
  }

  #makeRoom(line: string, room: number): void {
    this.#sealOpen()
    this.#open = newBatch(Math.max(room, this.#batchBytes))
    if (this.#bytesWaiting + line.length < this.#bytesMax) this.#writeNext()
  }

  #writeSoon(): void {
    this.#timer = undefined
    this.#sealOpen()
    this.#writeNext()
  }

  #sealOpen(): void {
    const batch = this.#open
    if (batch.lines === 0) return
    this.#full.push(batch)
    this.#bytesWaiting += batch.length
    this.#open = newBatch(this.#batchBytes)
  }

  #writeNext(): void {
    if (this.#writing) return
    if (this.#fdAfter !== undefined && this.#offset === 0) this.#changeFile(this.#fdAfter)
    const batch = this.#full[0]
    if (batch === undefined) {
      this.#settle()
      return
    }
    this.#writing = true
    if (this.#torn) mendTear(batch)
    this.#torn = false
    const rest = batch.length - this.#offset
    writeFd(this.#fd, batch.bytes, this.#offset, rest, null, (error, written) => {
      this.#writing = false
      if (error === null) this.#advance(batch, written)
      else this.#fail(batch, error)
    })
  }

  #changeFile(fd: number): void {
    closeFd(this.#fd, nothing)
    this.#fd = fd
    this.#fdAfter = undefined
    this.#torn = false
  }

  #advance(batch: Batch, written: number): void {
    if (this.#full[0] !== batch) return
    this.#offset += written
    if (this.#offset >= batch.length) this.#shift(batch)
    this.#writeNext()
  }

  #fail(batch: Batch, error: NodeJS.ErrnoException): void {
    if (this.#full[0] !== batch) return
    if (error.code === 'EAGAIN' || error.code === 'EINTR') {
      setTimeout(() => this.#writeNext(), RETRY_MS).unref()
      return
    }
    this.dropped += linesAfter(batch, this.#offset)
    this.#torn = this.#offset > 0 && batch.bytes[this.#offset - 1] !== LINE_FEED
    this.#shift(batch)
    this.#writeNext()
  }

  #shift(batch: Batch): void {
    this.#full.shift()
    this.#offset = 0
    this.#bytesWaiting -= batch.length
  }

  #giveUpAll(): void {
    clearTimeout(this.#timer)
    for (const [i, batch] of this.#full.entries()) {
      this.dropped += linesAfter(batch, i === 0 ? this.#offset : 0)
    }
    this.#full.length = 0
    this.#bytesWaiting = 0
    this.#settle()
  }

  #settle(): void {
    const waiting = this.#whenIdle
    this.#whenIdle = []
    for (const resolve of waiting) resolve()
  }
}

function newBatch(bytes: number): Batch {
  return { bytes: Buffer.allocUnsafe(bytes), length: 0, lines: 0 }
}

function mendTear(batch: Batch): void {
  batch.bytes = Buffer.concat([Buffer.from('\n'), batch.bytes.subarray(0, batch.length)])
  batch.length++
}

function linesAfter(batch: Batch, offset: number): number {
  if (offset === 0) return batch.lines
  let lines = 0
  for (let i = offset; i < batch.length; i++) if (batch.bytes[i] === LINE_FEED) lines++
  return lines
}

/**
 * Standard output as a descriptor that never blocks where it is a pipe or a terminal: a reader that has stopped would
 * hold one of the few threads that file access and name look-ups share.
 */
function openStdout(): number {
  const stat = fstatSync(STDOUT)
  if (!stat.isFIFO() && !stat.isCharacterDevice()) return STDOUT
  try {
    return openSync('/dev/stdout', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    // Not ours to open (another user's terminal), or a system without the name.
    return STDOUT
  }
}

function openForAppending(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    openFd(path, APPEND, FILE_MODE, (error, fd) => (error === null ? resolve(fd) : reject(error)))
  })
}

function closed(fd: number): Promise<void> {
  return new Promise((resolve) => closeFd(fd, () => resolve()))
}

function nothing(): void {}
