/**
 * The verdict on a token, against jose: thousands of tokens of all algorithms, as they should be and changed in all the
 * ways of changes.ts, go to both. They agree, but for the differences that are listed with their reasons; of those,
 * each is seen at least once, so that the list says what is so.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CompactSign, createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { judge } from '../../src/features/authorize/jwt/judge.ts'
import { readKeySet } from '../../src/features/authorize/jwt/key-set.ts'
import {
  ALGORITHM_NAMES,
  keySetOf,
  signSegments,
  type TestKey,
  testKey,
} from '../../src/features/authorize/jwt/token.fake.ts'
import { randomFrom } from '../harness/seeded-random.ts'
import {
  CHANGES,
  type Change,
  claimsOf,
  type Draft,
  LEEWAY_SECONDS,
  NOW_SECONDS,
  type Random,
} from './changes.ts'

const TOKENS = 3_000
const SEED = Number(process.env['SEED'] ?? 20_261_128)

const RULES = {
  issuer: 'https://issuer.example',
  audience: new Set(['shop']),
  leewayMs: LEEWAY_SECONDS * 1000,
  limits: { tokenBytes: 8_192, tokenDepth: 32 },
}

/** A key, and why the two may differ about everything that it signs. */
type Signer = Pick<Change, 'name' | 'stricter' | 'wider'> & { readonly key: TestKey }

const TWIN = testKey('ES256', 'twin')
const ED448 = 'Web Cryptography, which jose is made of, has no Ed448'

const SIGNERS: readonly Signer[] = [
  ...ALGORITHM_NAMES.map((name) => ({
    ...{ name, key: testKey(name) },
    ...(name === 'Ed448' ? { wider: ED448 } : {}),
  })),
  ...['RS256', 'RS512', 'ES384'].map((name) => unnamed(name)),
  { ...unnamed('PS256'), stricter: 'an RSA key is for PSS only where it says so' },
  { name: 'twin', key: TWIN, wider: 'of two keys with one id, each may have signed' },
]
const STRANGERS: readonly Signer[] = ALGORITHM_NAMES.map((name) => ({
  name: 'a stranger',
  key: { ...testKey(name, `stranger ${name}`), id: `${name}-1` },
}))

/** A key as issuers publish it that name no algorithm in it. */
function unnamed(algorithm: string): Signer {
  const key = testKey(algorithm, `unnamed ${algorithm}`)
  const { alg: _, ...published } = key.published
  return { name: `unnamed ${algorithm}`, key: { ...key, published } }
}

const OTHER_TWIN = testKey('ES256', 'other twin')
const KEY_SET = keySetOf(...SIGNERS.map(({ key }) => key), {
  ...OTHER_TWIN,
  published: { ...OTHER_TWIN.published, kid: TWIN.id },
})
const OURS = readKeySet(KEY_SET, 100)!
const THEIRS = createLocalJWKSet(JSON.parse(KEY_SET) as JSONWebKeySet)

function oursTakes(token: string): boolean {
  const find = (id: string) => {
    const keys = OURS.byId.get(id)
    return keys === undefined ? ({ kind: 'unknown' } as const) : ({ kind: 'found', keys } as const)
  }
  return judge(token, RULES, find, NOW_SECONDS * 1000).kind === 'accepted'
}

async function joseTakes(token: string): Promise<boolean> {
  const options = {
    ...{ issuer: RULES.issuer, audience: [...RULES.audience], clockTolerance: LEEWAY_SECONDS },
    ...{ currentDate: new Date(NOW_SECONDS * 1000), requiredClaims: ['exp'] },
  }
  return jwtVerify(token, THEIRS, options).then(
    () => true,
    () => false,
  )
}

interface Made {
  readonly token: string
  readonly changes: readonly Pick<Change, 'name' | 'stricter' | 'wider'>[]
  readonly isSignedByJose: boolean
}

async function made(random: Random): Promise<Made> {
  const signers = random(8) === 0 ? STRANGERS : SIGNERS
  const signer = signers[random(signers.length)]!
  const { key } = signer
  const changes = [CHANGES[random(CHANGES.length)]!]
  if (random(4) === 0) changes.push(CHANGES[random(CHANGES.length)]!)
  const draft: Draft = {
    ...{ key, header: { alg: key.algorithm, kid: key.id, typ: 'JWT' }, claims: claimsOf(random) },
    ...{ headerText: undefined, claimsText: undefined, after: [] },
  }
  for (const { apply } of changes) apply(draft, random)
  const byJose = await signedByJose(draft)
  const token = byJose ?? signedHere(draft)
  return {
    token: draft.after.reduce((text, change) => change(text), token),
    changes: [signer, ...changes],
    isSignedByJose: byJose !== undefined,
  }
}

/** Undefined where jose makes no such token. */
async function signedByJose({ key, header, headerText, claims, claimsText }: Draft) {
  if (headerText !== undefined || header['alg'] !== key.algorithm) return undefined
  const payload = Buffer.from(claimsText ?? JSON.stringify(claims))
  return new CompactSign(payload)
    .setProtectedHeader(header as { alg: string })
    .sign(key.privateKey)
    .catch(() => undefined)
}

function signedHere({ key, header, headerText, claims, claimsText }: Draft): string {
  return signSegments(
    key,
    headerText ?? JSON.stringify(header),
    claimsText ?? JSON.stringify(claims),
  )
}

test(`Postern and jose say the same of ${TOKENS} tokens, but where it is listed`, async (t) => {
  const random = randomFrom(SEED)
  const seen = new Set<string>()
  const taken = { both: 0, byJose: 0 }
  for (let i = 0; i < TOKENS; i++) {
    const { token, changes, isSignedByJose } = await made(random)
    const [ours, theirs] = [oursTakes(token), await joseTakes(token)]
    if (ours && theirs) taken.both++
    if (isSignedByJose) taken.byJose++
    if (ours === theirs) continue
    const reasons = changes.flatMap(({ stricter, wider }) => (ours ? wider : stricter) ?? [])
    const which = `${ours ? 'only Postern' : 'only jose'} takes`
    const names = changes.map(({ name }) => name).join(', ')
    assert.ok(reasons.length > 0, `seed ${SEED}, token ${i}: ${which} ${token}; ${names}`)
    if (reasons.length === 1) seen.add(reasons[0]!)
  }
  t.diagnostic(`${taken.both} taken by both, ${taken.byJose} signed by jose`)
  assert.ok(taken.both > TOKENS / 10, `${taken.both} of ${TOKENS} were taken by both`)
  assert.ok(taken.byJose > TOKENS / 2, `${taken.byJose} of ${TOKENS} were signed by jose`)
  const listed = [...CHANGES, ...SIGNERS].flatMap(({ stricter, wider }) => stricter ?? wider ?? [])
  assert.deepEqual(
    [...new Set(listed)].filter((reason) => !seen.has(reason)),
    [],
    'differences that are none',
  )
})
