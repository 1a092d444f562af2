/**
 * Ways to change a token before or after it is signed, for the comparison with jose: what clients, issuers and attackers
 * get wrong. A change says why Postern and jose may differ about what comes of it; where it says nothing, they agree.
 */

import { constants, privateEncrypt } from 'node:crypto'
import { base64url, type TestKey } from '../../src/features/authorize/jwt/token.fake.ts'

/** A whole number from 0 to below the argument. */
export type Random = (below: number) => number

export interface Draft {
  key: TestKey
  header: Record<string, unknown>
  claims: Record<string, unknown>
  /** In place of the two above, as the text that it is. */
  headerText: string | undefined
  claimsText: string | undefined
  /** Made of the signed token, in this order. */
  readonly after: ((token: string) => string)[]
}

export interface Change {
  readonly name: string
  /** Why Postern may refuse what jose takes. */
  readonly stricter?: string
  /** Why Postern may take what jose refuses. */
  readonly wider?: string
  readonly apply: (draft: Draft, random: Random) => void
}

export const NOW_SECONDS = 1_800_000_000
export const LEEWAY_SECONDS = 30

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random(values.length)]!
}

function claim(name: string, values: readonly unknown[], more: Partial<Change> = {}): Change {
  const apply = ({ claims }: Draft, random: Random) => {
    claims[name] = pick(random, values)
  }
  return { name: `claim ${name}`, ...more, apply }
}

function header(name: string, values: readonly unknown[], more: Partial<Change> = {}): Change {
  const apply = ({ header: members }: Draft, random: Random) => {
    members[name] = pick(random, values)
  }
  return { name: `header ${name}`, ...more, apply }
}

/** To one of the three segments. */
function segment(
  name: string,
  change: (text: string, random: Random) => string,
  more: Partial<Change> = {},
): Change {
  const apply = ({ after }: Draft, random: Random) => {
    const which = random(3)
    after.push((token) => {
      const parts = token.split('.')
      if (parts[which] !== undefined) parts[which] = change(parts[which], random)
      return parts.join('.')
    })
  }
  return { name, ...more, apply }
}

function whole(name: string, change: (token: string, random: Random) => string): Change {
  return { name, apply: ({ after }, random) => after.push((token) => change(token, random)) }
}

/** A signature in the place of the one that is there; `make` gets the signed bytes and the key. */
function signature(name: string, make: (draft: Draft, random: Random, signed: Buffer) => Buffer) {
  const apply = (draft: Draft, random: Random) => {
    draft.after.push((token) => {
      const end = token.lastIndexOf('.')
      const bytes = Buffer.from(token.slice(end + 1), 'base64url')
      return `${token.slice(0, end)}.${make(draft, random, bytes).toString('base64url')}`
    })
  }
  return { name: `signature ${name}`, apply }
}

function edges(start: number): number[] {
  return [-1, -0.5, 0, 0.5, 1].map((away) => start + away)
}

const DATES = [undefined, 'soon', `${NOW_SECONDS + 60}`, true, [], {}, NOW_SECONDS + 1e6]
const NO_DATE = 'a date before 1970 or after the year 9999 is none'

const CLAIMS: readonly Change[] = [
  claim('iss', ['', 'https://issuer.example/', 'https://ISSUER.example', null, undefined, [], 7]),
  claim('aud', ['shop', ['shop'], ['bank', 'shop'], 'bank', [], '', null, undefined, {}, 'Shop']),
  claim('aud', [['shop', 7], [['shop']], ['shop', null]], {
    stricter: 'an audience that is no text is not understood',
  }),
  claim('exp', [...edges(NOW_SECONDS - LEEWAY_SECONDS), ...DATES]),
  claim('nbf', [...edges(NOW_SECONDS + LEEWAY_SECONDS), ...DATES]),
  claim('iat', [NOW_SECONDS, NOW_SECONDS - 1e6, 'soon', undefined, true, [], 0.5]),
  claim('iat', edges(NOW_SECONDS + LEEWAY_SECONDS), {
    stricter: 'jose looks at iat only where a maximum age is asked for',
  }),
  ...['exp', 'nbf', 'iat'].map((name) =>
    claim(name, [-1, -1e9, 1e12, 1e300, 253_402_300_800], { stricter: NO_DATE }),
  ),
  claim('scope', [{ read: true }, 7, [['read']], null], {
    stricter: 'scopes that are no list of words are not understood',
  }),
  claim('scope', ['', 'read', 'read write', ['read']]),
  claim('sub', ['', 'ä€𝄞', '\u0000', 'a\\u0041"', { a: [1, 2, { b: null }] }]),
  {
    name: 'client_id in the place of aud',
    wider: 'API Gateway takes client_id where there is no aud; jose does not know it',
    apply: ({ claims }, random) => {
      delete claims['aud']
      claims['client_id'] = pick(random, ['shop', 'bank'])
    },
  },
]

const HEADERS: readonly Change[] = [
  header('alg', ['none', 'None', '', 'HS256', 'ES256K', 'RS1', null, undefined, ['RS256'], 7]),
  header('alg', ['RS256', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']),
  header('kid', ['RS256-1', 'ES256-1', 'EdDSA-1', '../../etc/passwd', '', "' OR 1=1", '__proto__']),
  header('kid', [undefined], { stricter: 'a token has to name its key' }),
  header('typ', ['JWT', 'at+jwt', '', 'JWE', undefined]),
  header('jwk', [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }]),
  header('jku', ['https://attacker.example/keys']),
  header('x5c', [['MIIB']]),
  header('crit', [['exp'], [], ['http://example.com/x'], 'exp']),
  header('b64', [true, false], { stricter: 'b64 is refused, whatever it says' }),
  {
    name: 'crit b64',
    stricter: 'critical extensions are refused, also the one that jose knows',
    apply: ({ header: members }) => Object.assign(members, { crit: ['b64'], b64: true }),
  },
]

const TEXTS: readonly Change[] = [
  {
    name: 'claims that are no object',
    apply: (draft, random) => {
      draft.claimsText = pick(random, ['[]', 'null', '7', '"x"', '', '{', '{}x', "{'a':1}", 'true'])
    },
  },
  {
    name: 'a header that is no object',
    apply: (draft, random) => {
      draft.headerText = pick(random, ['[]', 'null', '7', '"x"', '', '{', '{"alg":RS256}'])
    },
  },
  {
    name: 'a member twice',
    stricter: 'a member that stands twice has two readings',
    apply: (draft, random) => {
      const members = JSON.stringify(draft.claims)
      draft.claimsText = members.replace('{', pick(random, ['{"iss":"x",', '{"\\u0069ss":"x",']))
    },
  },
  {
    name: 'an object inside an object',
    stricter: 'objects are 32 deep at most',
    apply: ({ claims }, random) => {
      let value: unknown = 1
      for (let i = random(40); i > 0; i--) value = random(2) === 0 ? [value] : { a: value }
      claims['nested'] = value
    },
  },
  {
    name: 'a long claim',
    stricter: 'tokens have 8192 bytes at most',
    apply: ({ claims }, random) => {
      claims['long'] = 'x'.repeat(random(9_000))
    },
  },
  {
    name: 'a byte order mark',
    stricter: 'JSON has none (RFC 8259 §8.1)',
    apply: (draft) => {
      draft.claimsText = `\uFEFF${JSON.stringify(draft.claims)}`
    },
  },
  {
    name: 'space in the JSON',
    apply: (draft) => {
      draft.claimsText = JSON.stringify(draft.claims, null, ' \t')
    },
  },
]

const CODING = 'a text of base64url has one spelling'
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const SPELLINGS: readonly Change[] = [
  segment('another character', (text, random) => {
    const at = random(text.length + 1)
    return text.slice(0, at) + pick(random, [...ALPHABET]) + text.slice(at + 1)
  }),
  segment(
    'padding',
    (text, random) => text + pick(random, ['=', '==', '='.repeat((4 - (text.length % 4)) % 4)]),
    { stricter: CODING },
  ),
  segment(
    'white space',
    (text, random) => {
      const at = random(text.length + 1)
      return text.slice(0, at) + pick(random, [' ', '\n', '\t', '\r\n']) + text.slice(at)
    },
    { stricter: CODING },
  ),
  segment(
    'bits that say nothing',
    (text) => {
      const last = ALPHABET.indexOf(text.at(-1) ?? 'A')
      return text.slice(0, -1) + ALPHABET[last ^ 1]
    },
    { stricter: CODING },
  ),
  segment('the other alphabet', (text) => text.replaceAll('-', '+').replaceAll('_', '/')),
  segment('nothing', () => ''),
  whole('a segment more', (token, random) =>
    pick(random, [`${token}.`, `.${token}`, `${token}.a`]),
  ),
  whole('a segment less', (token) => token.slice(0, token.lastIndexOf('.'))),
  whole('the other serialization', (token) => {
    const [first, payload, last] = token.split('.')
    return JSON.stringify({ payload, protected: first, signature: last })
  }),
  whole('a word', (_, random) => pick(random, ['', '.', '..', 'a.b.c', 'null', '{}'])),
]

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const SIGNATURES: readonly Change[] = [
  signature('with a bit turned', (_, random, signed) => {
    if (signed.length > 0) signed[random(signed.length)]! ^= 1 << random(8)
    return signed
  }),
  signature('cut off', (_, random, signed) => signed.subarray(random(signed.length + 1))),
  signature('with more behind it', (_draft, random, signed) =>
    Buffer.concat([signed, Buffer.alloc(1 + random(3))]),
  ),
  signature('of zeros', (_draft, _random, signed) => Buffer.alloc(signed.length)),
  signature('of nothing', () => Buffer.alloc(0)),
  signature('in DER', (_draft, _random, signed) => {
    const half = signed.length / 2
    const integer = (bytes: Buffer) => Buffer.concat([Buffer.from([2, bytes.length + 1, 0]), bytes])
    const body = Buffer.concat([integer(signed.subarray(0, half)), integer(signed.subarray(half))])
    return Buffer.concat([Buffer.from([0x30, body.length & 0xff]), body])
  }),
  // Good for both: who has one signature by ECDSA has a second one.
  signature('with the other s', ({ key }, _random, signed) => {
    if (key.algorithm !== 'ES256' || signed.length !== 64) return signed
    const s = BigInt(`0x${signed.toString('hex', 32)}`)
    const other = (P256_ORDER - s).toString(16).padStart(64, '0')
    return Buffer.concat([signed.subarray(0, 32), Buffer.from(other, 'hex')])
  }),
  signature('by RSA with a broken padding', ({ key }, random, signed) =>
    key.algorithm.startsWith('RS') && signed.length === 256
      ? privateEncrypt(
          { key: key.privateKey, padding: constants.RSA_NO_PADDING },
          brokenPadding(random),
        )
      : signed,
  ),
]

/** 256 bytes that are no EMSA-PKCS1-v1_5 (RFC 8017 §9.2) of anything, but look like it. */
function brokenPadding(random: Random): Buffer {
  const digest = Buffer.alloc(32, 7)
  const information = Buffer.from('3031300d060960864801650304020105000420', 'hex')
  const tail = pick(random, [
    Buffer.concat([information, digest]),
    Buffer.concat([information, digest, Buffer.alloc(100, 1)]),
    Buffer.concat([information.subarray(0, 15), digest]),
    digest,
    Buffer.alloc(0),
  ])
  const ones = Buffer.alloc(pick(random, [8, 0, 253 - tail.length]), 0xff)
  const block = Buffer.concat([
    Buffer.from([0, pick(random, [1, 2, 0])]),
    ones,
    Buffer.alloc(1),
    tail,
  ])
  return Buffer.concat([block, Buffer.alloc(Math.max(0, 256 - block.length))]).subarray(0, 256)
}

export const CHANGES: readonly Change[] = [
  { name: 'none', apply: () => undefined },
  ...[...CLAIMS, ...HEADERS, ...TEXTS, ...SPELLINGS, ...SIGNATURES],
]

export function claimsOf(random: Random): Record<string, unknown> {
  return {
    iss: 'https://issuer.example',
    aud: pick<unknown>(random, ['shop', ['bank', 'shop']]),
    exp: NOW_SECONDS + 1 + random(3_600),
    iat: NOW_SECONDS - random(3_600),
    sub: base64url(`${random(1e9)}`),
  }
}
