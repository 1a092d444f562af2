/**
 * Test 49 on the wire: every operation without a signature, by another account, in another region, by a key that may
 * only read, and with hostile inputs. Nobody sees or changes what is not his, and nothing ends in a 500.
 */

import assert from 'node:assert/strict'
import http from 'node:http'
import { after, before, describe, test } from 'node:test'
import { clientCodecOf } from '../../src/aws/protocols.ts'
import type { ServiceModel } from '../../src/aws/service-model.ts'
import { signRequest } from '../../src/aws/sigv4/sign-request.ts'
import type { WireRequest } from '../../src/aws/wire-message.ts'
import { systemClock } from '../../src/base/clock.ts'
import { readApiGatewayV2Model } from '../../src/services/apigatewayv2/service-model.ts'
import { POSTERN_MODEL } from '../../src/services/postern/model.ts'
import type { Endpoint } from '../harness/outside-clients.ts'
import { startServer } from '../harness/server.ts'

const GATEWAY_MODEL = readApiGatewayV2Model()
const MODELS: readonly ServiceModel[] = [GATEWAY_MODEL, POSTERN_MODEL]

interface Answer {
  readonly status: number
  readonly errorType: string
  readonly body: string
}

let server: Awaited<ReturnType<typeof startServer>>
const ends: (() => unknown)[] = []
/** Resources of the first account. */
const owned: Record<string, string> = {}
let stranger: Endpoint
let reader: Endpoint

before(async () => {
  const context = { after: (end: () => unknown) => ends.push(end) }
  server = await startServer(context as unknown as Parameters<typeof startServer>[0])
  const make = async (name: string, input: object) =>
    JSON.parse((await call(server.endpoint, GATEWAY_MODEL, name, input)).body) as {
      [member: string]: string
    }
  const api = await make('CreateApi', { Name: 'mine', ProtocolType: 'HTTP', Tags: { a: 'b' } })
  owned['ApiId'] = api['apiId']!
  const ApiId = owned['ApiId']
  const integration = await make('CreateIntegration', {
    ...{ ApiId, IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'GET' },
    ...{ IntegrationUri: 'http://127.0.0.1:9/', PayloadFormatVersion: '1.0' },
  })
  owned['IntegrationId'] = integration['integrationId']!
  const Target = `integrations/${owned['IntegrationId']}`
  owned['RouteId'] = (await make('CreateRoute', { ApiId, RouteKey: 'GET /', Target }))['routeId']!
  await make('CreateStage', { ApiId, StageName: 'prod', AutoDeploy: true })
  owned['StageName'] = 'prod'
  owned['ResourceArn'] = `arn:aws:apigateway:${server.endpoint.region}::/apis/${ApiId}`
  stranger = await keyOf({ AccountId: '999999999999' })
  reader = await keyOf({ ReadOnly: true })
})
after(async () => {
  for (const end of ends.toReversed()) await end()
})

async function keyOf(request: object): Promise<Endpoint> {
  const { body } = await call(server.endpoint, POSTERN_MODEL, 'CreateAccessKey', request)
  const key = JSON.parse(body) as { AccessKeyId: string; SecretAccessKey: string }
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = key
  return { ...server.endpoint, accessKeyId, secretAccessKey }
}

/** An input with everything that the operation requires: what is owned, and plausible texts for the rest. */
function inputFor(model: ServiceModel, name: string): Record<string, unknown> {
  const shape = model.shapes[model.operations[name]!.input ?? '']
  const input: Record<string, unknown> = {}
  for (const member of shape?.required ?? []) {
    const { kind } = shape!.members[member]!.type
    const values = shape!.members[member]!.type
    if (owned[member] !== undefined) input[member] = owned[member]
    else if (kind === 'list' || kind === 'map') input[member] = kind === 'list' ? [] : {}
    else if (kind === 'structure') input[member] = {}
    else if (kind === 'string') input[member] = 'values' in values ? values.values?.[0] : 'text'
    else input[member] = kind === 'boolean' ? true : 1
  }
  return input
}

function send(request: WireRequest): Promise<Answer> {
  const { hostname, port } = new URL(server.endpoint.url)
  return new Promise((resolve, reject) => {
    const { method, target: path } = request
    const headers = request.headers.flat() as string[]
    const outgoing = http.request(
      { hostname, port, method, path, headers, agent: false },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        response.on('end', () => {
          const errorType = String(response.headers['x-amzn-errortype'] ?? '')
          resolve({ status: response.statusCode!, errorType, body })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(request.body)
  })
}

function unsigned(model: ServiceModel, name: string, input: object): WireRequest {
  const request = clientCodecOf(model).encodeRequest(model, name, input)
  const { host } = new URL(server.endpoint.url)
  const length = String(request.body.length)
  return { ...request, headers: [...request.headers, ['host', host], ['content-length', length]] }
}

function call(
  endpoint: Endpoint,
  model: ServiceModel,
  name: string,
  input: object,
): Promise<Answer> {
  return send(sign(endpoint, unsigned(model, name, input), model.signingName))
}

function sign(endpoint: Endpoint, request: WireRequest, service: string): WireRequest {
  const { accessKeyId, secretAccessKey, region } = endpoint
  const headers = signRequest(
    request,
    { accessKeyId, secretAccessKey },
    { region, service, epochMs: systemClock.epochMs() },
  )
  return { ...request, headers }
}

for (const model of MODELS) {
  const names = Object.keys(model.operations)
  describe(`${model.name}: each of ${names.length} operations`, () => {
    test('without a signature is refused', async () => {
      for (const name of names) {
        const answer = await send(unsigned(model, name, inputFor(model, name)))
        assert.equal(answer.status, 403, name)
        assert.match(answer.body, /Missing Authentication Token/, name)
      }
    })

    test('signed with the wrong secret is refused', async () => {
      const forger = { ...server.endpoint, secretAccessKey: 'x'.repeat(40) }
      for (const name of names) {
        const { status, body } = await call(forger, model, name, inputFor(model, name))
        assert.equal(status, 403, name)
        assert.match(body, /signature/, name)
      }
    })

    test('signed for another service is refused', async () => {
      for (const name of names) {
        const request = unsigned(model, name, inputFor(model, name))
        for (const service of [
          'execute-api',
          's3',
          model === POSTERN_MODEL ? 'apigateway' : 'postern',
        ]) {
          const { status, body } = await send(sign(server.endpoint, request, service))
          assert.ok(status === 403 || status === 400, `${name}: ${body}`)
        }
      }
    })
  })
}

describe('what belongs to one account and region', () => {
  const before: string[] = []
  const look = async () => {
    const { ApiId, StageName } = owned
    const asked = [
      ['GetApi', { ApiId }],
      ['GetRoutes', { ApiId }],
      ['GetIntegrations', { ApiId }],
      ['GetStage', { ApiId, StageName }],
    ] as const
    const answers = []
    for (const [name, input] of asked) {
      const answer = await call(server.endpoint, GATEWAY_MODEL, name, input)
      assert.equal(answer.status, 200, answer.body)
      answers.push(answer.body)
    }
    return answers
  }

  test('is there to begin with', async () => {
    before.push(...(await look()))
  })

  for (const [who, endpoint] of [
    ['another account', () => stranger],
    ['another region', () => ({ ...server.endpoint, region: 'eu-west-3' })],
  ] as const) {
    test(`is neither seen nor changed by ${who}`, async () => {
      for (const name of Object.keys(GATEWAY_MODEL.operations)) {
        const input = inputFor(GATEWAY_MODEL, name)
        const answer = await call(endpoint(), GATEWAY_MODEL, name, input)
        assert.ok(answer.status < 500, `${name}: ${answer.status} ${answer.body}`)
        const usesOwned = Object.values(input).some((value) =>
          Object.values(owned).includes(String(value)),
        )
        if (usesOwned) assert.ok([400, 403, 404].includes(answer.status), `${name}: ${answer.body}`)
        // A message may name what was asked for; nothing else of it comes back.
        if (answer.status < 300) assert.doesNotMatch(answer.body, new RegExp(owned['ApiId']!), name)
      }
      assert.deepEqual(await look(), before)
    })
  }

  test('is not changed by a key that may only read, which may read it', async () => {
    for (const model of MODELS) {
      for (const [name, { method }] of Object.entries(model.operations)) {
        const answer = await call(reader, model, name, inputFor(model, name))
        const reads = /^(?:Get|List|Export|Plan|Explain)/.test(name)
        if (model === GATEWAY_MODEL && method === 'GET') assert.notEqual(answer.status, 403, name)
        else if (!reads) {
          assert.ok(answer.status === 403 || answer.status === 400, `${name}: ${answer.status}`)
        }
      }
    }
    assert.deepEqual(await look(), before)
  })
})

describe('hostile inputs', () => {
  const VALUES: readonly unknown[] = [
    null,
    true,
    -1,
    1.5,
    2 ** 60,
    '',
    'x'.repeat(70_000),
    '\u0000\u202e<script>',
    [],
    [[[]]],
    {},
    { __proto__: null, constructor: 'x', toString: 'x' },
  ]

  test('every member of every operation with every kind of wrong value is a modelled error or fine', async () => {
    let calls = 0
    for (const model of MODELS) {
      for (const [name, { input }] of Object.entries(model.operations)) {
        const members = Object.entries(model.shapes[input ?? '']?.members ?? {})
        for (const [member, { place, jsonName }] of members) {
          if (place !== undefined) continue
          // Two values for each member: all values come up across the members.
          for (const value of [VALUES[calls++ % VALUES.length], VALUES[calls++ % VALUES.length]]) {
            await sendWrong({ model, name, member: jsonName ?? member, value })
          }
        }
      }
    }
    assert.ok(calls > 400, `${calls} calls`)
  })

  for (const body of [
    '',
    '{',
    '[]',
    'null',
    '"text"',
    '{"name":',
    '{"name":"a","name":"b"}',
    `${'['.repeat(100_000)}`,
    `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
    '\ufeff{}',
    '{"__proto__":{"name":"polluted"},"constructor":{"prototype":{"name":"polluted"}}}',
  ]) {
    test(`a body that begins ${JSON.stringify(body.slice(0, 24))} is refused in words`, async () => {
      const request = unsigned(GATEWAY_MODEL, 'CreateApi', { Name: 'x', ProtocolType: 'HTTP' })
      const answer = await withBody(request, body, GATEWAY_MODEL)
      assert.equal(answer.status, 400, answer.body)
      assert.match(answer.errorType, /^(?:BadRequest|Serialization)Exception/)
      assert.equal(({} as { name?: string }).name, undefined)
    })
  }
})

interface WrongMember {
  readonly model: ServiceModel
  readonly name: string
  /** As it is called in the body. */
  readonly member: string
  readonly value: unknown
}

async function sendWrong({ model, name, member, value }: WrongMember): Promise<void> {
  const request = unsigned(model, name, inputFor(model, name))
  const parsed = request.body.length === 0 ? {} : JSON.parse(Buffer.from(request.body).toString())
  const answer = await withBody(request, JSON.stringify({ ...parsed, [member]: value }), model)
  assert.ok(answer.status < 500, `${name}.${member}: ${answer.body}`)
  if (answer.status >= 400) assert.match(answer.body, /"(?:m|M)essage"/, name)
}

/** The same request with another body, signed. */
function withBody(request: WireRequest, text: string, model: ServiceModel): Promise<Answer> {
  const body = Buffer.from(text)
  const headers = request.headers.map(
    ([field, old]) => [field, field === 'content-length' ? String(body.length) : old] as const,
  )
  return send(sign(server.endpoint, { ...request, body, headers }, model.signingName))
}
