/** What carries a link: TLS over TCP, or, in a simulation, a pair of queues. */

export interface LinkTransport {
  /** So many bytes wait to be sent that data should wait, too; `onDrain` says when they are gone. */
  readonly congested: boolean
  /** The bytes are not touched again until `written`, which may never come. */
  write(bytes: Buffer, written?: () => void): void
  /** Sends what waits and closes. */
  end(): void
  destroy(): void
}

/** Who reads from a transport. */
export interface TransportListener {
  /** The bytes are valid during the call. */
  onBytes(bytes: Buffer): void
  onDrain(): void
  /** Once; nothing is heard afterwards. */
  onClosed(detail: string): void
}
