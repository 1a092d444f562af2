import assert from 'node:assert/strict'
import test from 'node:test'
import { QUERY } from './query.ts'
import { ServiceError } from './service-error.ts'
import type { ServiceModel } from './service-model.ts'
import { plain } from './shape-arbitrary.fake.ts'

const MODEL: ServiceModel = {
  name: 'things',
  signingName: 'things',
  apiVersion: '2026-11-01',
  protocol: 'query',
  xmlNamespace: 'https://things.example/',
  operations: {
    Make: { method: 'POST', uri: '/', status: 200, input: 'Thing', output: 'Thing' },
    Ping: { method: 'POST', uri: '/', status: 200 },
  },
  shapes: {
    Thing: {
      members: {
        Name: { type: { kind: 'string' }, xmlName: 'name' },
        Parts: { type: { kind: 'list', member: { kind: 'structure', name: 'Part' } } },
        Flat: { type: { kind: 'list', member: { kind: 'string' }, flat: true } },
        Sizes: { type: { kind: 'map', value: { kind: 'integer' } } },
        FlatSizes: { type: { kind: 'map', value: { kind: 'integer' }, flat: true } },
        Made: { type: { kind: 'timestamp', format: 'date-time' } },
        Data: { type: { kind: 'blob' } },
        On: { type: { kind: 'boolean' } },
      },
      required: ['Name'],
    },
    Part: { members: { Kind: { type: { kind: 'string' } } }, required: [] },
  },
}

const FORM = [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']] as const

function decode(body: string): unknown {
  const request = { method: 'POST', target: '/', headers: FORM, body: Buffer.from(body) }
  return plain(QUERY.decodeRequest(MODEL, 'Make', { request, labels: {} }))
}

test('parameters are read into members', () => {
  const cases: [string, object][] = [
    ['name=a+b%26c', { Name: 'a b&c' }],
    ['name=&Unknown.member.1=x', { Name: '' }],
    ['name=n&Parts=', { Name: 'n', Parts: [] }],
    [
      'name=n&Parts.member.10.Kind=z&Parts.member.2.Kind=y',
      { Name: 'n', Parts: [{ Kind: 'y' }, { Kind: 'z' }] },
    ],
    ['name=n&Flat.1=a&Flat.2=b', { Name: 'n', Flat: ['a', 'b'] }],
    ['name=n&Sizes.entry.1.key=a&Sizes.entry.1.value=1', { Name: 'n', Sizes: { a: 1 } }],
    [
      'name=n&Sizes.entry.1.key=__proto__&Sizes.entry.1.value=1',
      { Name: 'n', Sizes: { ['__proto__']: 1 } },
    ],
    ['name=n&FlatSizes.1.key=a&FlatSizes.1.value=1', { Name: 'n', FlatSizes: { a: 1 } }],
    ['name=n&On=true&Data=aGk%3D', { Name: 'n', On: true, Data: new Uint8Array([104, 105]) }],
    ['name=n&Made=2026-11-28T05:00:00Z', { Name: 'n', Made: new Date('2026-11-28T05:00:00Z') }],
  ]
  for (const [body, expected] of cases) assert.deepEqual(decode(body), plain(expected), body)
})

test('what is malformed is refused', () => {
  const cases: [string, RegExp][] = [
    ['name=%zz', /not escaped properly/],
    ['name=%ff', /not escaped properly/],
    ['name=a&name=b', /name is there twice/],
    [`name=a&${'x.'.repeat(40)}y=1`, /too deep/],
    ['&'.repeat(20_000), /more than 10000 parameters/],
    ['name.x=1', /name is malformed/],
    ['name=n&Parts.member.0.Kind=a', /Parts\.0 is malformed/],
    ['name=n&Parts.member.x.Kind=a', /Parts\.x is malformed/],
    ['name=n&Sizes.entry.1.key=a', /Sizes\.entry\.1 is malformed/],
    ['name=n&On=maybe', /Boolean/],
    ['On=true', /Value null at 'name'/],
  ]
  for (const [body, message] of cases) assert.throws(() => decode(body), { message }, body)
  assert.throws(() => decode(Buffer.from([0xff]).toString('latin1')), ServiceError)
})

test('answers are XML, whatever the text', () => {
  const output = {
    Name: '<a> & "b"\u0000\r\ud800',
    Flat: ['x', 'y'],
    FlatSizes: { k: 1 },
    Parts: [],
  }
  const { headers, body } = QUERY.encodeResponse(MODEL, 'Make', output, 'id-1')
  assert.equal(headers['content-type'], 'text/xml')
  assert.equal(
    Buffer.from(body).toString(),
    '<MakeResponse xmlns="https://things.example/"><MakeResult>' +
      '<name>&lt;a&gt; &amp; &quot;b&quot;\ufffd&#xD;\ufffd</name><Parts></Parts>' +
      '<Flat>x</Flat><Flat>y</Flat><FlatSizes><key>k</key><value>1</value></FlatSizes>' +
      '</MakeResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></MakeResponse>\n',
  )
})
