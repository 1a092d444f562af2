import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { makePrivateAuthority, signServerCertificate } from './certificate.ts'
import { CertificateProblem } from './certificate-problem.ts'
import { type BroughtCertificate, checkCertificate } from './check-chain.ts'
import { splitChain } from './complete-certificate.ts'
import { issueCertificate } from './issue-certificate.ts'

const DAY_MS = 86_400_000
const now = new Date('2026-11-22T12:00:00Z')
const names = ['api.example.com', '*.api.example.com']

function validity(fromDays: number, days: number) {
  const fromEpochMs = now.getTime() + fromDays * DAY_MS
  return { fromEpochMs, untilEpochMs: fromEpochMs + days * DAY_MS }
}

const root = makePrivateAuthority(validity(-10, 4_000))
const stranger = makePrivateAuthority(validity(-10, 4_000))

async function brought(
  keyAlgorithm: 'EC_prime256v1' | 'EC_secp384r1' | 'RSA_2048' = 'EC_prime256v1',
): Promise<BroughtCertificate> {
  const { chain: whole, privateKey } = await issueCertificate(root, { names, keyAlgorithm, now })
  return { ...splitChain(whole), privateKey }
}

const good = await brought()
const other = await brought()

/** Signed by the root, with a key and a time of its own. */
function signed(publicKey: ReturnType<typeof keyOf>['publicKey'], days = validity(-1, 90)) {
  return signServerCertificate(root, names, { publicKey, validity: days })
}

function keyOf(kind: 'rsa' | 'ec' | 'ed25519', detail: number | string) {
  const pair =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: detail as number })
      : kind === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: detail as string })
        : generateKeyPairSync('ed25519')
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { publicKey: pair.publicKey, privateKey }
}

const small = keyOf('rsa', 1_024)
const odd = keyOf('rsa', 2_560)
const curve = keyOf('ec', 'secp256k1')
const edwards = keyOf('ed25519', '')
const ec = keyOf('ec', 'P-256')
const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  ...({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const),
})

const withKey = (key: { publicKey: typeof ec.publicKey; privateKey: string }, days?: object) => ({
  certificate: signed(key.publicKey, days as ReturnType<typeof validity>),
  privateKey: key.privateKey,
})

const FLAWS: readonly (readonly [
  what: string,
  change: Partial<BroughtCertificate>,
  place: CertificateProblem['place'],
  message: RegExp,
])[] = [
  ['nothing', { certificate: '' }, 'Certificate', /no certificate/],
  ['a text', { certificate: 'hello' }, 'Certificate', /no certificate/],
  ['half', { certificate: good.certificate.slice(0, 200) }, 'Certificate', /it is cut/],
  [
    'damaged base64',
    { certificate: good.certificate.replace(/\n(.{20})./, '\n$1*') },
    'Certificate',
    /not base64/,
  ],
  [
    'damaged DER',
    { certificate: good.certificate.replace('\nMII', '\nAII') },
    'Certificate',
    /cannot be read/,
  ],
  ['chain and all', { certificate: good.certificate + good.chain }, 'Certificate', /2 certif/],
  ['its key', { certificate: good.certificate + good.privateKey }, 'Certificate', /PRIVATE KEY/],
  ['another key', { privateKey: other.privateKey }, 'PrivateKey', /not the key/],
  ['no key', { privateKey: '' }, 'PrivateKey', /cannot be read/],
  ['a key with a passphrase', { privateKey: String(encrypted) }, 'PrivateKey', /passphrase/],
  ['no chain', { chain: '' }, 'CertificateChain', /there is none/],
  ['itself in the chain', { chain: good.certificate + good.chain }, 'CertificateChain', /itself/],
  [
    'an authority that has not signed it',
    { chain: stranger.certificate },
    'CertificateChain',
    /has not signed the certificate .* none in it has/,
  ],
  [
    'the wrong order',
    { chain: stranger.certificate + root.certificate },
    'CertificateChain',
    /certificate 2 has: they are in the wrong order/,
  ],
  ['too much', { chain: root.certificate.repeat(11) }, 'CertificateChain', /10 are the most/],
  ['expired', withKey(ec, validity(-100, 90)), 'Certificate', /expired on 2026-11-12/],
  ['not yet valid', withKey(ec, validity(1, 90)), 'Certificate', /not valid before 2026-11-23/],
  ['a short RSA key', withKey(small), 'Certificate', /1024 bits is too weak/],
  ['an RSA key of an odd size', withKey(odd), 'Certificate', /of this size/],
  ['another curve', withKey(curve), 'Certificate', /secp256k1 cannot be served/],
  ['Ed25519', withKey(edwards), 'Certificate', /ed25519 cannot be served/],
]

for (const [what, change, place, message] of FLAWS) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => checkCertificate({ ...good, ...change }, now),
      (thrown: unknown) => {
        assert.ok(thrown instanceof CertificateProblem, String(thrown))
        assert.equal(thrown.place, place)
        assert.match(thrown.message, message)
        assert.notEqual(thrown.mend, '')
        assert.doesNotMatch(thrown.told, /MII|BEGIN PRIVATE/)
        return true
      },
    )
  })
}

test('taken: what an authority has issued, in whatever dress', async () => {
  for (const algorithm of ['EC_prime256v1', 'EC_secp384r1', 'RSA_2048'] as const) {
    const pair = await brought(algorithm)
    const checked = checkCertificate(pair, now)
    assert.equal(checked.keyAlgorithm, algorithm)
    assert.deepEqual(checked.names, names)
    assert.equal(checked.certificate, pair.certificate)
    assert.equal(checked.chain, pair.chain)
  }
  const dressed = {
    certificate: `subject=/CN=x\r\n${good.certificate.replaceAll('\n', '\r\n')}`,
    chain: `# the root\n${good.chain}`,
    privateKey: good.privateKey,
  }
  assert.equal(checkCertificate(dressed, now).certificate, good.certificate)
})
