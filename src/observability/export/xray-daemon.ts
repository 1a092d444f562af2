/**
 * Segments to an X-Ray daemon (or a collector's X-Ray receiver): one datagram each, a header line and the document.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon
 */

import { createSocket, type Socket } from 'node:dgram'

const HEADER = '{"format":"json","version":1}\n'
/** A segment document may have 64 kB, and a datagram holds a little less (65 507 bytes over IPv4). */
const DATAGRAM_BYTES_MAX = 64_000
/** Datagrams on their way to the system. */
const PENDING_MAX = 1_000

export class XrayDaemon {
  sent = 0
  dropped = 0
  failures = 0
  readonly #socket: Socket
  readonly #host: string
  readonly #port: number
  #pending = 0
  #whenIdle: (() => void) | undefined

  constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
    this.#socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    this.#socket.on('error', () => this.failures++)
    this.#socket.unref()
  }

  take(segments: readonly string[]): void {
    for (const segment of segments) this.#send(Buffer.from(HEADER + segment))
  }

  #send(datagram: Buffer): void {
    if (datagram.length > DATAGRAM_BYTES_MAX || this.#pending >= PENDING_MAX) {
      this.dropped++
      return
    }
    this.#pending++
    this.#socket.send(datagram, this.#port, this.#host, (error) => {
      this.#pending--
      if (error === null) this.sent++
      else {
        this.failures++
        this.dropped++
      }
      if (this.#pending === 0) this.#whenIdle?.()
    })
  }

  /** Waits until the system has what was taken. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#pending > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
        setTimeout(resolve, timeoutMs).unref()
      })
    }
    this.#socket.close()
  }
}
