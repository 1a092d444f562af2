/**
 * The SETTINGS of a client connection (RFC 9113 §6.5): what we announce, and what of the client's concerns us.
 */

import { CODE, FLAG, FRAME, SETTING, WINDOW_BYTES_MAX } from '../h2/frame.ts'
import {
  CONCURRENT_STREAMS_MAX,
  FRAME_BYTES_MAX,
  STREAM_WINDOW_BYTES,
  TABLE_BYTES_MAX,
} from './h2-limits.ts'

/** Type and flags of the frame that acknowledges. */
export const SETTINGS_ACK = (FRAME.settings << 8) | FLAG.ack

const ENTRY_BYTES = 6
const MAX_HEADER_LIST_SIZE = 6
const ENABLE_CONNECT_PROTOCOL = 8
const FRAME_BYTES_LARGEST = 16_777_215

/** The payload of our SETTINGS. */
export function ownSettings(headBytes: number): Buffer {
  const entries: readonly (readonly [id: number, value: number])[] = [
    [SETTING.headerTableSize, TABLE_BYTES_MAX],
    [SETTING.enablePush, 0],
    [SETTING.maxConcurrentStreams, CONCURRENT_STREAMS_MAX],
    [SETTING.initialWindowSize, STREAM_WINDOW_BYTES],
    [SETTING.maxFrameSize, FRAME_BYTES_MAX],
    [MAX_HEADER_LIST_SIZE, headBytes],
    [ENABLE_CONNECT_PROTOCOL, 0],
  ]
  const payload = Buffer.alloc(entries.length * ENTRY_BYTES)
  for (const [i, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, i * ENTRY_BYTES)
    payload.writeUInt32BE(value, i * ENTRY_BYTES + 2)
  }
  return payload
}

export interface PeerSettings {
  /** An error code when the client has said what may not be said; 0 otherwise. */
  readonly code: number
  /** Undefined: not mentioned. */
  readonly initialWindow: number | undefined
}

/** `[from, to)`: whole entries. The last of a kind counts. Our frames are as small as they come, our blocks use no table. */
export function readSettings(bytes: Buffer, from: number, to: number): PeerSettings {
  let initialWindow: number | undefined
  for (let at = from; at < to; at += ENTRY_BYTES) {
    const id = bytes.readUInt16BE(at)
    const value = bytes.readUInt32BE(at + 2)
    const code = faultOf(id, value)
    if (code !== CODE.noError) return { code, initialWindow: undefined }
    if (id === SETTING.initialWindowSize) initialWindow = value
  }
  return { code: CODE.noError, initialWindow }
}

export function settingsCount(from: number, to: number): number {
  return (to - from) / ENTRY_BYTES
}

function faultOf(id: number, value: number): number {
  switch (id) {
    case SETTING.enablePush:
    case ENABLE_CONNECT_PROTOCOL:
      return value <= 1 ? CODE.noError : CODE.protocolError
    case SETTING.initialWindowSize:
      return value <= WINDOW_BYTES_MAX ? CODE.noError : CODE.flowControlError
    case SETTING.maxFrameSize: {
      const allowed = value >= FRAME_BYTES_MAX && value <= FRAME_BYTES_LARGEST
      return allowed ? CODE.noError : CODE.protocolError
    }
  }
  return CODE.noError
}
