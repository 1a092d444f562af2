/** The first message of a TLS client (RFC 8446 §4.1.2) with whatever server name a test wants to send. */

const RECORD_BYTES_MAX = 16_384

/** The records of a ClientHello for TLS 1.2 whose server name is `serverName`, bytes as they are. */
export function clientHello(serverName: Buffer): Buffer {
  const extensions = Buffer.concat([
    extension(0, sized(2, Buffer.concat([Buffer.from([0]), sized(2, serverName)]))),
    extension(10, sized(2, Buffer.from('001d0017', 'hex'))),
    extension(11, Buffer.from('0100', 'hex')),
    extension(13, sized(2, Buffer.from('040308040401', 'hex'))),
  ])
  const body = Buffer.concat([
    Buffer.from('0303', 'hex'),
    Buffer.alloc(32, 7),
    Buffer.from([0]),
    sized(2, Buffer.from('c02bc02fc02cc030', 'hex')),
    Buffer.from('0100', 'hex'),
    sized(2, extensions),
  ])
  return records(Buffer.concat([Buffer.from([1]), sized(3, body)]))
}

function extension(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 255]), sized(2, content)])
}

/** The content behind its length in so many bytes; a length too large for them is cut, as an attacker would. */
function sized(lengthBytes: number, content: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes)
  length.writeUIntBE(content.length % 2 ** (8 * lengthBytes), 0, lengthBytes)
  return Buffer.concat([length, content])
}

function records(message: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < message.length; at += RECORD_BYTES_MAX) {
    const piece = message.subarray(at, at + RECORD_BYTES_MAX)
    parts.push(Buffer.from([22, 3, 1]), sized(2, piece))
  }
  return Buffer.concat(parts)
}
