import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DocumentRequest, FetchedDocument } from '../../../http/client/fetch-document.ts'
import { fetchKeySet } from './discovery.ts'
import { keySetOf, testKey } from './token.fake.ts'

const ISSUER = 'https://issuer.example/pool'
const KEYS = keySetOf(testKey('ES256'))

async function ask(issuer: string, discovery: unknown, keys = KEYS) {
  const requests: DocumentRequest[] = []
  const fetchDocument = async (request: DocumentRequest): Promise<FetchedDocument> => {
    requests.push(request)
    const text = typeof discovery === 'string' ? discovery : JSON.stringify(discovery)
    return { kind: 'document', text: requests.length === 1 ? text : keys }
  }
  const result = await fetchKeySet(issuer, { fetchDocument, keysMax: 10 })
  const asked = requests.map(({ url, reach }) => `${reach} ${url.href}`)
  return { asked, outcome: result.kind === 'failed' ? result.reason : 'keys' }
}

const ALLOWED: [issuer: string, jwksUri: string, asked: string[]][] = [
  [
    ISSUER,
    'https://issuer.example/pool/keys',
    [
      'any https://issuer.example/pool/.well-known/openid-configuration',
      'any https://issuer.example/pool/keys',
    ],
  ],
  [
    'https://tenant.example/',
    'https://keys.example/k?v=1',
    [
      'any https://tenant.example/.well-known/openid-configuration',
      'public https://keys.example/k?v=1',
    ],
  ],
  [
    'https://10.1.2.3/realm',
    'https://10.1.2.3:8443/keys',
    [
      'any https://10.1.2.3/realm/.well-known/openid-configuration',
      'any https://10.1.2.3:8443/keys',
    ],
  ],
  [
    'http://localhost:8080/realms/a',
    'http://127.0.0.1:8080/keys',
    [
      'loopback http://localhost:8080/realms/a/.well-known/openid-configuration',
      'loopback http://127.0.0.1:8080/keys',
    ],
  ],
  [
    'http://localhost:8080',
    'https://keys.example/',
    [
      'loopback http://localhost:8080/.well-known/openid-configuration',
      'public https://keys.example/',
    ],
  ],
]

for (const [issuer, jwksUri, asked] of ALLOWED) {
  test(`${issuer} with keys at ${jwksUri}`, async () => {
    const result = await ask(issuer, { issuer, jwks_uri: jwksUri })
    assert.deepEqual(result, { asked, outcome: 'keys' })
  })
}

const REFUSED: [name: string, discovery: unknown, told: RegExp][] = [
  ['no JSON', '<html>', /no discovery document/],
  ['null', 'null', /no discovery document/],
  [
    'another issuer',
    { issuer: `${ISSUER}/`, jwks_uri: 'https://issuer.example/k' },
    /of the issuer/,
  ],
  ['no issuer', { jwks_uri: 'https://issuer.example/k' }, /of the issuer that is no text/],
  ['no address', { issuer: ISSUER }, /jwks_uri that is no text is no address/],
  ['half an address', { issuer: ISSUER, jwks_uri: '/keys' }, /is no address/],
  ['a list', { issuer: ISSUER, jwks_uri: ['https://issuer.example/k'] }, /is no address/],
  ['a password', { issuer: ISSUER, jwks_uri: 'https://a:b@issuer.example/k' }, /is no address/],
  [
    'depth',
    `{"issuer":${'['.repeat(70_000)}${']'.repeat(70_000)}}`,
    /of the issuer that is no text/,
  ],
  ['length', { issuer: ISSUER, jwks_uri: `ftp://${'a'.repeat(9_000)}` }, /^.{1,400}$/],
  ['http', { issuer: ISSUER, jwks_uri: 'http://issuer.example/k' }, /is not https/],
  ['http on this machine', { issuer: ISSUER, jwks_uri: 'http://localhost/k' }, /is not https/],
  ['a file', { issuer: ISSUER, jwks_uri: 'file:///etc/passwd' }, /is not https/],
  ['data', { issuer: ISSUER, jwks_uri: `data:application/json,${KEYS}` }, /is not https/],
]

for (const [name, discovery, told] of REFUSED) {
  test(`nothing is asked for keys: ${name}`, async () => {
    const { asked, outcome } = await ask(ISSUER, discovery)
    assert.match(outcome, told)
    assert.equal(asked.length, 1)
  })
}

test('keys that are none, and an issuer that does not answer', async () => {
  const good = { issuer: ISSUER, jwks_uri: 'https://issuer.example/k' }
  assert.match((await ask(ISSUER, good, '{"keys":1}')).outcome, /\/k": no key set/)
  const down = async () => ({ kind: 'failed', reason: 'no answer' }) as const
  const result = await fetchKeySet(ISSUER, { fetchDocument: down, keysMax: 10 })
  assert.ok(result.kind === 'failed')
  assert.match(result.reason, /openid-configuration: no answer$/)
})
