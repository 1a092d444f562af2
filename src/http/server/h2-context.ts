// hot path — see STYLE §8
/** What all HTTP/2 connections of one listener share; a thread has one for each of its ports. */

import { FieldList } from '../h2/field.ts'
import type { FrameLimits } from '../h2/frame-reader.ts'
import { H2HeadReader } from '../message/h2-head.ts'
import { RequestHead } from '../message/request-head.ts'
import {
  BLOCK_BYTES_MAX,
  BLOCK_FRAMES_MAX,
  decodedListLimits,
  FRAME_BYTES_MAX,
} from './h2-limits.ts'
import { ownSettings } from './h2-settings.ts'
import type { ServerContext } from './server-context.ts'

/** The longest distance between two looks at open streams; shorter where a timeout is. */
const BEAT_MS_MAX = 1_000
const FREE_HEADS_MAX = 1_024

export class H2Context {
  readonly server: ServerContext
  readonly reader: H2HeadReader
  /** The fields of the block that is being read. */
  readonly list: FieldList
  readonly frameLimits: FrameLimits = {
    frameBytesMax: FRAME_BYTES_MAX,
    blockBytesMax: BLOCK_BYTES_MAX,
    blockFramesMax: BLOCK_FRAMES_MAX,
  }
  readonly settings: Buffer
  readonly beatMs: number
  readonly #heads: RequestHead[] = []

  constructor(server: ServerContext) {
    const { limits } = server
    const { bodyTimeoutMs, writeTimeoutMs, keepAliveTimeoutMs } = limits
    const listLimits = decodedListLimits(limits)
    this.server = server
    this.reader = new H2HeadReader(limits)
    this.list = new FieldList(listLimits)
    this.settings = ownSettings(listLimits.bytesMax)
    this.beatMs = Math.min(BEAT_MS_MAX, bodyTimeoutMs, writeTimeoutMs, keepAliveTimeoutMs)
  }

  takeHead(): RequestHead {
    return this.#heads.pop() ?? new RequestHead(this.server.limits.headerCount)
  }

  giveBack(head: RequestHead): void {
    if (this.#heads.length < FREE_HEADS_MAX) this.#heads.push(head)
  }
}
