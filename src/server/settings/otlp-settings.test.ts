import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../failure.ts'
import { type Environment, otlpTarget, resourceOf, type Signal } from './otlp-settings.ts'

const NONE = { otlpEndpoint: undefined, otlpHeader: {} }

function urlOf(environment: Environment, signal: Signal = 'traces', otlpEndpoint?: string) {
  return otlpTarget(signal, { ...NONE, otlpEndpoint }, environment)?.url
}

test('nothing says where: nothing is sent', () => {
  assert.equal(urlOf({}), undefined)
  assert.equal(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }), undefined)
})

test('a base gets the path of the signal, a URL of the signal is taken as it is', () => {
  assert.equal(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }), 'http://c:4318/v1/traces')
  assert.equal(urlOf({}, 'logs', 'https://c/otlp/'), 'https://c/otlp/v1/logs')
  const own = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://b/x',
  }
  assert.equal(urlOf(own, 'logs'), 'http://b/x')
  assert.equal(urlOf(own, 'traces'), 'http://a/v1/traces')
})

test('the setting wins over the variables', () => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_TRACES_EXPORTER: 'none' }
  assert.equal(urlOf(environment, 'traces', 'http://b'), 'http://b/v1/traces')
})

test('a signal, or everything, can be turned off', () => {
  const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }
  assert.equal(urlOf({ ...base, OTEL_TRACES_EXPORTER: 'none' }), undefined)
  assert.notEqual(urlOf({ ...base, OTEL_TRACES_EXPORTER: 'none' }, 'metrics'), undefined)
  assert.equal(urlOf({ ...base, OTEL_SDK_DISABLED: 'true' }), undefined)
})

test('headers, compression and time limit', () => {
  const target = otlpTarget(
    'traces',
    { otlpEndpoint: undefined, otlpHeader: { 'x-b': '3' } },
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a',
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20t, x-b = 2',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2500',
    },
  )
  assert.deepEqual(target, {
    url: 'http://a/v1/traces',
    headers: { authorization: 'Bearer t', 'x-b': '3' },
    gzip: true,
    timeoutMs: 2_500,
  })
})

const SECRET = 's3cret'
const REFUSED: readonly (readonly [string, Environment])[] = [
  ['gRPC', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  ['no URL', { OTEL_EXPORTER_OTLP_ENDPOINT: 'a:4318' }],
  ['a password', { OTEL_EXPORTER_OTLP_ENDPOINT: `http://u:${SECRET}@a` }],
  [
    'a header that breaks its line',
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a',
      OTEL_EXPORTER_OTLP_HEADERS: `x=${SECRET}%0d%0ay:1`,
    },
  ],
]

for (const [name, environment] of REFUSED) {
  test(`refused, and the secret is not told: ${name}`, () => {
    assert.throws(
      () => urlOf(environment),
      (thrown) => thrown instanceof Failure && !`${thrown.message} ${thrown.mend}`.includes(SECRET),
    )
  })
}

test('who is speaking', () => {
  const given = {
    OTEL_SERVICE_NAME: 'edge',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=prod',
  }
  const resource = resourceOf(given, '1.2.3')
  assert.equal(resource['service.name'], 'edge')
  assert.equal(resource['service.version'], '1.2.3')
  assert.equal(resource['deployment.environment'], 'prod')
})
