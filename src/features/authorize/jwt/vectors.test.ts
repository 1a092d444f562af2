/**
 * The worked examples of the standards: RFC 7515 A.2 to A.4 (RS256, ES256, ES512), RFC 7520 §4.1 to §4.3 (RS256, PS384, ES512),
 * RFC 8037 A.4 (EdDSA). None of them is a token for an API: what is verified is the signature, by the key as it is published.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { algorithmOf, isSigned } from './algorithms.ts'
import { readKeySet } from './key-set.ts'
import { base64url } from './token.fake.ts'

const RSA_7515 = {
  kty: 'RSA',
  e: 'AQAB',
  n:
    'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ' +
    'S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2' +
    'R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD' +
    'TW9gb54h4FRWyuXpoQ',
}
const P256_7515 = {
  ...{ kty: 'EC', crv: 'P-256' },
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
}
const P521_7515 = {
  ...{ kty: 'EC', crv: 'P-521' },
  x: 'AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk',
  y: 'ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2',
}
const RSA_7520 = {
  kty: 'RSA',
  e: 'AQAB',
  n:
    'n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2w' +
    'qVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bT' +
    'wJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5' +
    'iaiQkqgc5gHdrNP5zw',
}
const P521_7520 = {
  ...{ kty: 'EC', crv: 'P-521' },
  x: 'AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt',
  y: 'AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1',
}
const ED25519_8037 = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
}

const CLAIMS_7515 = '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
const SENTENCE_7520 =
  "It\u2019s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep your feet, " +
  'there\u2019s no knowing where you might be swept off to.'

function of7520(algorithm: string): string {
  return `{"alg":"${algorithm}","kid":"bilbo.baggins@hobbiton.example"}`
}

interface Vector {
  readonly name: string
  readonly key: object
  readonly header: string
  readonly payload: string
  readonly signature: string
}

const VECTORS: readonly Vector[] = [
  {
    name: 'RFC 7515 A.2',
    key: RSA_7515,
    header: '{"alg":"RS256"}',
    payload: CLAIMS_7515,
    signature:
      'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU' +
      'Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d' +
      'O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig' +
      'cN_IoypGlUPQGe77Rw',
  },
  {
    name: 'RFC 7515 A.3',
    key: P256_7515,
    header: '{"alg":"ES256"}',
    payload: CLAIMS_7515,
    signature:
      'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
  },
  {
    name: 'RFC 7515 A.4',
    key: P521_7515,
    header: '{"alg":"ES512"}',
    payload: 'Payload',
    signature:
      'AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2Y' +
      'BJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn',
  },
  {
    name: 'RFC 7520 4.1',
    key: RSA_7520,
    header: of7520('RS256'),
    payload: SENTENCE_7520,
    signature:
      'MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDk' +
      'oBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9Uzp' +
      'ERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogo' +
      'ree7vjbU5y18kDquDg',
  },
  {
    name: 'RFC 7520 4.2',
    key: { ...RSA_7520, alg: 'PS384' },
    header: of7520('PS384'),
    payload: SENTENCE_7520,
    signature:
      'cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OL' +
      'PpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shn' +
      'r2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6' +
      'oD4ifKo8DYM-X72Eaw',
  },
  {
    name: 'RFC 7520 4.3',
    key: P521_7520,
    header: of7520('ES512'),
    payload: SENTENCE_7520,
    signature:
      'AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnA' +
      'MDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2',
  },
  {
    name: 'RFC 8037 A.4',
    key: ED25519_8037,
    header: '{"alg":"EdDSA"}',
    payload: 'Example of Ed25519 signing',
    signature:
      'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  },
]

function isGood({ key, header }: Vector, content: Uint8Array, signature: Uint8Array): boolean {
  const set = readKeySet(JSON.stringify({ keys: [{ ...key, kid: 'k' }] }), 1)
  const [read] = set?.byId.get('k') ?? []
  const algorithm = algorithmOf((JSON.parse(header) as { alg: string }).alg)
  assert.ok(read !== undefined && algorithm !== undefined)
  assert.ok(read.algorithms.includes(algorithm), 'the key is for the algorithm')
  return isSigned(algorithm, read.key, content, signature)
}

for (const vector of VECTORS) {
  test(`${vector.name} is verified, and with a bit turned anywhere it is not`, () => {
    const content = Buffer.from(`${base64url(vector.header)}.${base64url(vector.payload)}`)
    const signature = Buffer.from(vector.signature, 'base64url')
    assert.ok(isGood(vector, content, signature))
    for (const bytes of [content, signature]) {
      for (let i = 0; i < bytes.length; i += 7) {
        bytes[i]! ^= 1
        assert.ok(!isGood(vector, content, signature), `byte ${i}`)
        bytes[i]! ^= 1
      }
    }
  })
}
