/**
 * Reads the first message of a TLS client (RFC 8446 §4.1.2) as far as it says whom it wants: server name and protocols.
 *
 * Nothing is decided about security here. The bytes go to OpenSSL afterwards, untouched; where the two would read
 * different names, the listener notices after the handshake and ends the connection.
 */

export interface ClientHello {
  /** Bytes of the first host name, as characters (RFC 6066 §3); '' for none. */
  readonly serverName: string
  /** RFC 7301. */
  readonly protocols: readonly string[]
}

/** More bytes have to come. */
export const INCOMPLETE_HELLO = 'incomplete'
/** These bytes are no hello; OpenSSL has an alert for each kind of them. */
export const NO_HELLO = 'none'

/** Hellos with keys for post-quantum key exchange have about 2 kB. */
export const HELLO_BYTES_MAX = 32_768

const HANDSHAKE_RECORD = 22
const CLIENT_HELLO = 1
const RECORD_HEAD_BYTES = 5
const RECORD_BYTES_MAX = 16_384
const MESSAGE_HEAD_BYTES = 4
/** Legacy version and random. */
const FIXED_BYTES = 34
const SERVER_NAME_EXTENSION = 0
const PROTOCOLS_EXTENSION = 16

export function readClientHello(
  bytes: Buffer,
): ClientHello | typeof INCOMPLETE_HELLO | typeof NO_HELLO {
  const message = messageIn(bytes)
  if (typeof message === 'string') return message
  try {
    return helloIn(message)
  } catch (thrown) {
    // A length that points behind the end.
    if (thrown instanceof RangeError) return NO_HELLO
    throw thrown
  }
}

/** The content of the first handshake message, put together from its records. */
function messageIn(bytes: Buffer): Buffer | typeof INCOMPLETE_HELLO | typeof NO_HELLO {
  const pieces: Buffer[] = []
  let gathered = 0
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== HANDSHAKE_RECORD) return NO_HELLO
    if (bytes.length < at + RECORD_HEAD_BYTES) return INCOMPLETE_HELLO
    const length = bytes.readUInt16BE(at + 3)
    if (length === 0 || length > RECORD_BYTES_MAX) return NO_HELLO
    const start = at + RECORD_HEAD_BYTES
    pieces.push(bytes.subarray(start, start + length))
    gathered += Math.min(length, bytes.length - start)
    at = start + length
    const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
    if (gathered >= 1 && whole[0] !== CLIENT_HELLO) return NO_HELLO
    if (gathered < MESSAGE_HEAD_BYTES) continue
    const end = MESSAGE_HEAD_BYTES + whole.readUIntBE(1, 3)
    if (end > HELLO_BYTES_MAX) return NO_HELLO
    if (gathered >= end) return whole.subarray(MESSAGE_HEAD_BYTES, end)
  }
  return INCOMPLETE_HELLO
}

/** Throws RangeError where the message is shorter than it says. */
function helloIn(message: Buffer): ClientHello {
  let at = FIXED_BYTES
  at += 1 + message.readUInt8(at)
  at += 2 + message.readUInt16BE(at)
  at += 1 + message.readUInt8(at)
  const hello = { serverName: '', protocols: [] as readonly string[] }
  if (at === message.length) return hello
  const end = at + 2 + message.readUInt16BE(at)
  at += 2
  while (at < end) {
    const type = message.readUInt16BE(at)
    const start = at + 4
    at = start + message.readUInt16BE(at + 2)
    const content = message.subarray(start, at)
    if (type === SERVER_NAME_EXTENSION) hello.serverName = nameIn(content)
    else if (type === PROTOCOLS_EXTENSION) hello.protocols = protocolsIn(content)
  }
  return hello
}

function nameIn(content: Buffer): string {
  const isHostName = content.readUInt8(2) === 0
  const end = 5 + content.readUInt16BE(3)
  return isHostName ? content.toString('latin1', 5, end) : ''
}

function protocolsIn(content: Buffer): readonly string[] {
  const protocols: string[] = []
  for (let at = 2; at < content.length; ) {
    const end = at + 1 + content.readUInt8(at)
    protocols.push(content.toString('latin1', at + 1, end))
    at = end
  }
  return protocols
}
