/** Against answers that OpenSSL, as a responder, has signed. */

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  certificateIdOf,
  ocspRequest,
  ocspSubjectOf,
} from '../../src/certificates/ocsp/ocsp-request.ts'
import { judgeOcspResponse } from '../../src/certificates/ocsp/ocsp-response.ts'
import { type FreshResponse, OcspStapler } from '../../src/certificates/ocsp/ocsp-stapler.ts'
import { openssl as run } from '../harness/openssl.ts'

const folder = mkdtempSync(join(tmpdir(), 'ocsp-'))
after(() => rmSync(folder, { recursive: true }))
const file = (name: string) => join(folder, name)
const openssl = (...words: string[]) => run(folder, ...words)

const NOW_MS = Date.now()
const DAY_MS = 86_400_000

function authority(name: string): void {
  const subject = ['-subj', `/CN=${name}`]
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    ...subject,
    ...['-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30'],
  )
}

function issue(name: string, by: string, extensions: string): void {
  writeFileSync(file(`${name}.cnf`), extensions)
  openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    ...['-keyout', `${name}.key`, '-out', `${name}.csr`],
  )
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${by}.pem`,
    '-CAkey',
    `${by}.key`,
    '-CAcreateserial',
    ...['-days', '20', '-extfile', `${name}.cnf`, '-out', `${name}.pem`],
  )
}

/** What OpenSSL's responder answers to our own question. */
function answer(
  request: Buffer,
  {
    signer = 'ca',
    status = 'V',
    days = '4',
  }: { signer?: string; status?: string; days?: string } = {},
): Buffer {
  const { serialNumber } = new X509Certificate(readFileSync(file('leaf.pem')))
  const revoked = status === 'R' ? '260101000000Z' : ''
  writeFileSync(
    file('index'),
    `${status}\t350101000000Z\t${revoked}\t${serialNumber}\tunknown\t/CN=leaf\n`,
  )
  writeFileSync(file('request.der'), request)
  openssl(
    'ocsp',
    '-index',
    'index',
    '-CA',
    'ca.pem',
    '-rsigner',
    `${signer}.pem`,
    '-rkey',
    `${signer}.key`,
    ...['-reqin', 'request.der', '-respout', 'response.der', '-ndays', days],
  )
  return readFileSync(file('response.der'))
}

authority('ca')
authority('other')
issue('leaf', 'ca', 'authorityInfoAccess=OCSP;URI:http://ocsp.example.com/x')
issue('plain', 'ca', 'basicConstraints=CA:FALSE')
issue('delegate', 'ca', 'extendedKeyUsage=OCSPSigning')
issue('nobody', 'ca', 'extendedKeyUsage=serverAuth')
issue('stranger', 'other', 'extendedKeyUsage=OCSPSigning')
const pem = (name: string) => readFileSync(file(`${name}.pem`), 'utf8')
const subject = ocspSubjectOf(pem('leaf'), pem('ca'))!
const request = ocspRequest(certificateIdOf(subject))

test('a certificate names its responder, or has none', () => {
  assert.equal(subject.responder.href, 'http://ocsp.example.com/x')
  assert.equal(ocspSubjectOf(pem('plain'), pem('ca')), undefined)
  assert.equal(ocspSubjectOf(pem('leaf'), ''), undefined)
  assert.equal(ocspSubjectOf(pem('leaf'), pem('other')), undefined, 'its chain is another')
})

test('the question is the one that OpenSSL asks', () => {
  openssl('ocsp', '-issuer', 'ca.pem', '-cert', 'leaf.pem', '-no_nonce', '-reqout', 'theirs.der')
  assert.deepEqual(request, readFileSync(file('theirs.der')))
})

const CASES = [
  { name: 'signed by the issuer', by: {}, kind: 'good' },
  {
    name: 'signed by whom the issuer has certified for it',
    by: { signer: 'delegate' },
    kind: 'good',
  },
  { name: 'revoked', by: { status: 'R' }, kind: 'revoked' },
  { name: 'signed by a certificate for something else', by: { signer: 'nobody' }, kind: 'useless' },
  { name: 'signed by a stranger', by: { signer: 'stranger' }, kind: 'useless' },
  { name: 'signed by another authority', by: { signer: 'other' }, kind: 'useless' },
  { name: 'out of date', by: {}, kind: 'useless', atMs: NOW_MS + 5 * DAY_MS },
  { name: 'of the future', by: {}, kind: 'useless', atMs: NOW_MS - DAY_MS },
]

for (const { name, by, kind, atMs = Date.now() } of CASES) {
  test(`an answer ${name} is ${kind}`, () => {
    const verdict = judgeOcspResponse(answer(request, by), subject, Math.max(atMs, 0))
    assert.equal(verdict.kind, kind, JSON.stringify(verdict))
  })
}

test('an answer about another certificate is useless', () => {
  const other = { ...subject, certificate: new X509Certificate(pem('delegate')) }
  assert.equal(judgeOcspResponse(answer(request), other, Date.now()).kind, 'useless')
})

test('no cut and no changed byte of an answer is good, and none throws', () => {
  const good = answer(request)
  for (let end = 0; end < good.length; end++) {
    assert.equal(judgeOcspResponse(good.subarray(0, end), subject, Date.now()).kind, 'useless')
  }
  for (let at = 0; at < good.length; at++) {
    const changed = Buffer.from(good)
    changed[at]! ^= 0x01
    const verdict = judgeOcspResponse(changed, subject, Date.now())
    // What comes after the signature is covered by none: the certificates that go with it.
    if (verdict.kind !== 'useless') assert.ok(at > good.length - 700, `byte ${at}`)
  }
})

function stapler(ask: () => Buffer | Promise<Buffer>) {
  let nowMs = Date.now()
  let wake = () => {}
  let waitMs = 0
  let response: Buffer | undefined
  const kept: (FreshResponse | undefined)[] = []
  const warnings: string[] = []
  let asked = 0
  const made = new OcspStapler({
    list: async () => [{ id: 'arn', certificate: pem('leaf'), chain: pem('ca'), response }],
    keep: async (_, fresh) => {
      kept.push(fresh)
      response = fresh?.response
    },
    ask: async () => {
      asked++
      return ask()
    },
    clock: { now: () => nowMs, epochMs: () => nowMs },
    random: () => 0,
    after: (delayMs, action) => {
      waitMs = delayMs
      wake = action
      return () => {}
    },
    warn: (message) => warnings.push(message),
  })
  const settle = async () => {
    for (let i = 0; i < 50; i++) await Promise.resolve()
  }
  const pass = async (ms: number) => {
    nowMs += ms
    wake()
    await settle()
  }
  return { made, kept, warnings, settle, pass, asked: () => asked, waitMs: () => waitMs }
}

test('an answer is kept, and replaced when half of its time is over', async () => {
  const { made, kept, settle, pass, asked } = stapler(() => answer(request))
  await settle()
  assert.equal(kept.length, 1)
  await pass(1.9 * DAY_MS)
  assert.equal(asked(), 1)
  await pass(0.2 * DAY_MS)
  assert.equal(asked(), 2)
  await made.close()
})

test('a responder that is out costs nothing until the answer is out of date, and then the staple', async () => {
  let isOut = false
  const { made, kept, warnings, settle, pass } = stapler(() => {
    if (isOut) throw new Error('connection refused')
    return answer(request)
  })
  await settle()
  isOut = true
  await pass(2.1 * DAY_MS)
  assert.equal(kept.length, 1, 'the one that is good stays')
  assert.match(warnings[0]!, /ocsp\.example\.com gives no answer for arn: connection refused/)
  await pass(2 * DAY_MS)
  assert.equal(kept.at(-1), undefined)
  assert.equal(kept.length, 2)
  await made.close()
})

test('it is asked again later each time', async () => {
  const { made, settle, pass, asked, waitMs } = stapler(() => {
    throw new Error('no')
  })
  await settle()
  const waits: number[] = []
  for (let i = 0; i < 8; i++) {
    waits.push(waitMs() / 60_000)
    await pass(waitMs())
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60])
  assert.equal(asked(), 9)
  await made.close()
})

test('a certificate that was revoked is said aloud and never stapled', async () => {
  const { made, kept, warnings, settle } = stapler(() => answer(request, { status: 'R' }))
  await settle()
  assert.deepEqual(kept, [])
  assert.match(warnings.join(), /HAS BEEN REVOKED/)
  await made.close()
})
