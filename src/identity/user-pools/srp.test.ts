import assert from 'node:assert/strict'
import { createDiffieHellmanGroup, createHash, createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { beginTurn, isClaimTrue, isClientPublic, newVerifier } from './srp.ts'

const N = BigInt(`0x${createDiffieHellmanGroup('modp15').getPrime('hex')}`)
const OF = { poolName: 'AbCdEfGhI', userId: 'ada', password: 'Correct-Horse-1' }

/** The slow and obvious twin: the client's side, in BigInt, from RFC 5054 and the byte forms of Cognito's clients. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base % N
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % N
    square = (square * square) % N
  }
  return result
}
const bytes = (value: bigint) => {
  const hex = value.toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  return Buffer.from(Number.parseInt(even[0]!, 16) >= 8 ? `00${even}` : even, 'hex')
}
const hash = (...parts: Uint8Array[]) =>
  BigInt(`0x${createHash('sha256').update(Buffer.concat(parts)).digest('hex')}`)

function claim(salt: string, password: string, serverPublic: string, a: bigint) {
  const A = power(2n, a)
  const B = BigInt(`0x${serverPublic}`)
  const u = hash(bytes(A), bytes(B))
  const inner = createHash('sha256').update(`${OF.poolName}${OF.userId}:${password}`).digest()
  const x = hash(bytes(BigInt(`0x${salt}`)), inner)
  const k = hash(bytes(N), bytes(2n))
  const base = (((B - k * power(2n, x)) % N) + N) % N
  const shared = power(base, a + u * x)
  const extracted = createHmac('sha256', bytes(u)).update(bytes(shared)).digest()
  const key = createHmac('sha256', extracted).update('Caldera Derived Key\u0001').digest()
  const message = Buffer.from('message')
  const signature = createHmac('sha256', key.subarray(0, 16)).update(message).digest('base64')
  return { clientPublic: A.toString(16), message, signature }
}

test('whoever knows the password makes a claim that is true, and nobody else', async () => {
  for (let i = 0; i < 8; i++) {
    const { salt, verifier } = await newVerifier(OF)
    const turn = await beginTurn(verifier)
    const a = BigInt(`0x${randomBytes(32).toString('hex')}`)
    const right = claim(salt, OF.password, turn.serverPublic, a)
    assert.ok(await isClaimTrue({ turn, verifier, ...right }))
    const wrong = claim(salt, `${OF.password} `, turn.serverPublic, a)
    assert.ok(!(await isClaimTrue({ turn, verifier, ...wrong })))
    const other = await beginTurn(verifier)
    assert.ok(!(await isClaimTrue({ turn: other, verifier, ...right })), 'of another turn')
    const message = Buffer.from('other message')
    assert.ok(!(await isClaimTrue({ turn, verifier, ...right, message })))
  }
})

test('numbers that would make the key known to everybody are none', () => {
  for (const number of [0n, N, 2n * N]) assert.ok(!isClientPublic(number.toString(16)))
  for (const text of ['', 'xyz', '-1', '1'.repeat(1_025)]) assert.ok(!isClientPublic(text), text)
  assert.ok(isClientPublic('abc'))
})

test('a salt is written the same by every client: sixteen bytes, no zero and no set bit in front', async () => {
  for (let i = 0; i < 20; i++) assert.match((await newVerifier(OF)).salt, /^[4-7][0-9a-f]{31}$/)
})
