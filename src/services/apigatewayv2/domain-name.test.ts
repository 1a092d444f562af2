import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CreateDomainNameRequest, DomainNameConfiguration } from '@aws-sdk/client-apigatewayv2'
import { TruststoreError, type TruststorePlace } from '../../certificates/truststore.ts'
import type { ClientTrust } from '../../domain/tls.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { domainNameOperations } from './domain-name.ts'

const { CreateDomainName, DeleteDomainName, GetDomainName, GetDomainNames, UpdateDomainName } =
  domainNameOperations
const CERTIFICATE = 'arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c'
const OTHER_CERTIFICATE = 'arn:aws:acm:eu-central-1:123456789012:certificate/ffff'

function request(given: Partial<CreateDomainNameRequest> = {}): CreateDomainNameRequest {
  return {
    DomainName: 'api.example.com',
    DomainNameConfigurations: [{ CertificateArn: CERTIFICATE }],
    ...given,
  }
}

function configured(configuration: DomainNameConfiguration): CreateDomainNameRequest {
  return request({ DomainNameConfigurations: [configuration] })
}

test('a domain name is answered with every default', async () => {
  const calls = new ServiceCalls()
  const created = await calls.call(CreateDomainName, request({ Tags: { team: 'pets' } }))
  const [{ ApiGatewayDomainName, ...configuration } = {}] = created.DomainNameConfigurations!
  const endpoint = /^d-[a-z0-9]{10}\.execute-api\.eu-central-1\.localhost$/
  assert.match(ApiGatewayDomainName!, endpoint, 'host only, where CNAME records can point')
  assert.deepEqual(
    { ...created, DomainNameConfigurations: [configuration] },
    {
      ApiMappingSelectionExpression: '$request.basepath',
      DomainName: 'api.example.com',
      DomainNameArn: 'arn:aws:apigateway:eu-central-1::/domainnames/api.example.com',
      DomainNameConfigurations: [
        {
          CertificateArn: CERTIFICATE,
          DomainNameStatus: 'AVAILABLE',
          EndpointType: 'REGIONAL',
          IpAddressType: 'ipv4',
          SecurityPolicy: 'TLS_1_2',
        },
      ],
      RoutingMode: 'API_MAPPING_ONLY',
      Tags: { team: 'pets' },
    },
  )
  assert.deepEqual(await calls.call(GetDomainName, { DomainName: 'api.example.com' }), created)
})

test('a name below localhost needs no certificate: the local one serves it', async () => {
  const calls = new ServiceCalls()
  const DomainNameConfigurations = [{ EndpointType: 'REGIONAL' as const }]
  for (const DomainName of ['api.example.localhost', '*.shop.localhost', 'shop.localhost']) {
    await calls.call(CreateDomainName, { DomainName, DomainNameConfigurations })
  }
  const DomainName = 'localhost.example.com'
  await assert.rejects(calls.call(CreateDomainName, { DomainName, DomainNameConfigurations }), {
    message: /certificate is required/,
  })
})

test('names that a certificate can be for are taken', async () => {
  const calls = new ServiceCalls()
  const names = ['*.example.com', 'a.b.c.example.com', 'xn--bcher-kva.example', '1.example.com']
  for (const DomainName of names) await calls.call(CreateDomainName, request({ DomainName }))
  const first = await calls.call(GetDomainNames, { MaxResults: '3' })
  const second = await calls.call(GetDomainNames, { NextToken: first.NextToken })
  assert.deepEqual(
    [...first.Items!, ...second.Items!].map((each) => each.DomainName),
    names,
  )
  assert.equal(second.NextToken, undefined)
})

describe('a new domain name is refused', () => {
  const REFUSALS: readonly [string, CreateDomainNameRequest, RegExp][] = [
    ['in upper case', request({ DomainName: 'API.example.com' }), /in lower case/],
    ['with one label', request({ DomainName: 'example' }), /two labels/],
    ['as the wildcard of one label', request({ DomainName: '*.com' }), /two labels/],
    ['with a dot at its end', request({ DomainName: 'example.com.' }), /host name/],
    ['with an empty label', request({ DomainName: 'api..example.com' }), /host name/],
    ['with an inner wildcard', request({ DomainName: 'a.*.example.com' }), /host name/],
    ['with half a wildcard', request({ DomainName: 'api-*.example.com' }), /host name/],
    ['with a port', request({ DomainName: 'example.com:443' }), /host name/],
    ['with an underscore', request({ DomainName: 'my_api.example.com' }), /host name/],
    ['with a hyphen in front', request({ DomainName: '-a.example.com' }), /host name/],
    ['with a long label', request({ DomainName: `${'a'.repeat(64)}.example.com` }), /host name/],
    ['that is too long', request({ DomainName: `${'a.'.repeat(125)}example` }), /host name/],
    ['that is an address', request({ DomainName: '192.0.2.1' }), /IP address/],
    [
      'that is the own name of an API',
      request({ DomainName: 'a1b2c3d4e5.execute-api.localhost' }),
      /own addresses of APIs/,
    ],
    [
      'that covers the own names of APIs',
      request({ DomainName: '*.execute-api.localhost' }),
      /own addresses of APIs/,
    ],
    ['without a configuration', { DomainName: 'api.example.com' }, /Exactly one/],
    ['with none in the list', request({ DomainNameConfigurations: [] }), /Exactly one/],
    [
      'with two configurations',
      request({
        DomainNameConfigurations: [{ CertificateArn: CERTIFICATE }, { EndpointType: 'EDGE' }],
      }),
      /Exactly one/,
    ],
    ['without a certificate', configured({}), /certificate is required/],
    [
      'below localhost with one label',
      { ...configured({}), DomainName: 'localhost' },
      /two labels/,
    ],
    [
      'with another certificate than one of ACM',
      configured({ CertificateArn: 'arn:aws:iam::123456789012:server-certificate/a' }),
      /Invalid certificate ARN .* arn:aws:acm:eu-central-1:<account id>:certificate\/<id>/,
    ],
    [
      'with a certificate of another region',
      configured({ CertificateArn: CERTIFICATE.replace('eu-central-1', 'us-east-1') }),
      /in the same region, eu-central-1/,
    ],
    [
      'with a certificate of another partition',
      configured({ CertificateArn: CERTIFICATE.replace('arn:aws:', 'arn:aws-cn:') }),
      /in the same region/,
    ],
    [
      'with a wrong proof of ownership',
      configured({ CertificateArn: CERTIFICATE, OwnershipVerificationCertificateArn: 'mine' }),
      /ownershipVerificationCertificateArn/,
    ],
    [
      'at the edge',
      configured({ CertificateArn: CERTIFICATE, EndpointType: 'EDGE' }),
      /Only REGIONAL domain names can be managed/,
    ],
    [
      'with TLS 1.0',
      configured({ CertificateArn: CERTIFICATE, SecurityPolicy: 'TLS_1_0' }),
      /with a security policy of TLS 1\.2/,
    ],
    [
      'with a trust store elsewhere',
      request({ MutualTlsAuthentication: { TruststoreUri: 'https://example.com/ca.pem' } }),
      /s3:\/\/<bucket>\/<key>/,
    ],
    [
      'with a version of no trust store',
      request({ MutualTlsAuthentication: { TruststoreVersion: '1' } }),
      /truststoreUri, which is missing/,
    ],
    ['with a reserved tag', request({ Tags: { 'aws:a': 'b' } }), /reserved/],
  ]
  for (const [what, input, message] of REFUSALS) {
    test(what, async () => {
      const calls = new ServiceCalls()
      await assert.rejects(calls.call(CreateDomainName, input), {
        code: 'BadRequestException',
        message,
      })
      assert.deepEqual((await calls.call(GetDomainNames, {})).Items, [])
    })
  }
})

test('a name can be taken once', async () => {
  const calls = new ServiceCalls()
  await calls.call(CreateDomainName, request())
  await assert.rejects(calls.call(CreateDomainName, request()), {
    code: 'ConflictException',
    message: 'The domain name you provided already exists.',
  })
})

test('there is room for as many as the limit says', async () => {
  const calls = new ServiceCalls()
  const { settings } = calls
  calls.settings = { ...settings, limits: { ...settings.limits, domainNamesPerRegion: 1 } }
  await calls.call(CreateDomainName, request())
  await assert.rejects(calls.call(CreateDomainName, request({ DomainName: 'b.example.com' })), {
    code: 'TooManyRequestsException',
  })
})

/** Truststores that exist: one with a warning. */
function withTruststores(calls: ServiceCalls, read: string[] = []): ServiceCalls {
  const readTruststore = async ({ uri, objectVersion = 'newest' }: TruststorePlace) => {
    if (uri.endsWith('none.pem')) throw new TruststoreError(`${uri} does not exist`)
    read.push(`${uri} ${objectVersion}`)
    const trust = { authorities: `${uri} ${objectVersion}`, revocationLists: [], version: 'v' }
    return { trust, warnings: ['one has expired'] }
  }
  calls.settings = { ...calls.settings, readTruststore }
  return calls
}

async function keptTrust(calls: ServiceCalls): Promise<unknown> {
  const key = { kind: 'truststore', parent: '', id: 'api.example.com' }
  const record = await calls.store.read((reader) => reader.in(calls.scope).get<ClientTrust>(key))
  return record?.body.authorities
}

test('a truststore is read when a call names it, and kept as it was read', async () => {
  const read: string[] = []
  const calls = withTruststores(new ServiceCalls(), read)
  const DomainName = 'api.example.com'
  const MutualTlsAuthentication = { TruststoreUri: 's3://bucket/ca.pem' }
  const created = await calls.call(CreateDomainName, request({ MutualTlsAuthentication }))
  assert.deepEqual(created.MutualTlsAuthentication, {
    ...MutualTlsAuthentication,
    TruststoreWarnings: ['one has expired'],
  })
  assert.equal(await keptTrust(calls), 's3://bucket/ca.pem newest')
  await calls.call(UpdateDomainName, { DomainName, RoutingMode: 'ROUTING_RULE_ONLY' })
  assert.equal(read.length, 1, 'what says nothing of it leaves it')
  const TruststoreUri = 'file:///stores/none.pem'
  const update = { DomainName, MutualTlsAuthentication: { TruststoreUri } }
  await assert.rejects(calls.call(UpdateDomainName, update), {
    code: 'BadRequestException',
    message: 'file:///stores/none.pem does not exist',
  })
  assert.equal(await keptTrust(calls), 's3://bucket/ca.pem newest')
  await calls.call(DeleteDomainName, { DomainName })
  assert.equal(await keptTrust(calls), undefined)
})

test('where no place for truststores is set up, mutual TLS is refused', async () => {
  const MutualTlsAuthentication = { TruststoreUri: 's3://bucket/ca.pem' }
  await assert.rejects(
    new ServiceCalls().call(CreateDomainName, request({ MutualTlsAuthentication })),
    { code: 'BadRequestException', message: /No place for truststores/ },
  )
})

test('an update changes what it names', async () => {
  const calls = withTruststores(new ServiceCalls())
  const store = { TruststoreUri: 's3://bucket/ca.pem', TruststoreVersion: '7' }
  const before = await calls.call(CreateDomainName, request({ MutualTlsAuthentication: store }))
  const DomainName = 'api.example.com'
  assert.deepEqual(await calls.call(UpdateDomainName, { DomainName }), before)

  const DomainNameConfigurations = [{ CertificateArn: OTHER_CERTIFICATE }]
  const after = await calls.call(UpdateDomainName, { DomainName, DomainNameConfigurations })
  const [configuration] = before.DomainNameConfigurations!
  assert.deepEqual(after, {
    ...before,
    DomainNameConfigurations: [{ ...configuration, CertificateArn: OTHER_CERTIFICATE }],
  })
  assert.deepEqual(await calls.call(GetDomainName, { DomainName }), after)
})

test('what was read can be sent back', async () => {
  const calls = new ServiceCalls()
  const before = await calls.call(CreateDomainName, request())
  const DomainNameConfigurations = [
    { ...before.DomainNameConfigurations![0]!, DomainNameStatus: 'AVAILABLE' as const },
  ]
  const DomainName = 'api.example.com'
  const after = await calls.call(UpdateDomainName, { DomainName, DomainNameConfigurations })
  assert.deepEqual(after, before)
})

test('an update keeps the rules of creation, and changes nothing when it breaks one', async () => {
  const calls = new ServiceCalls()
  const before = await calls.call(CreateDomainName, request())
  const DomainName = 'api.example.com'
  const broken = [
    { DomainNameConfigurations: [] },
    { DomainNameConfigurations: [{ CertificateArn: '' }] },
    { DomainNameConfigurations: [{ EndpointType: 'EDGE' as const }] },
    { MutualTlsAuthentication: { TruststoreUri: 's3://bucket' } },
  ]
  for (const change of broken) {
    const update = calls.call(UpdateDomainName, { DomainName, ...change })
    await assert.rejects(update, { code: 'BadRequestException' })
  }
  assert.deepEqual(await calls.call(GetDomainName, { DomainName }), before)
})

test('mutual TLS ends with an empty trust store', async () => {
  const calls = withTruststores(new ServiceCalls())
  const store = { TruststoreUri: 's3://bucket/ca.pem', TruststoreVersion: '7' }
  await calls.call(CreateDomainName, request({ MutualTlsAuthentication: store }))
  const DomainName = 'api.example.com'
  const newer = await calls.call(UpdateDomainName, {
    DomainName,
    MutualTlsAuthentication: { TruststoreVersion: '8' },
  })
  const TruststoreWarnings = ['one has expired']
  assert.deepEqual(newer.MutualTlsAuthentication, {
    ...{ ...store, TruststoreVersion: '8', TruststoreWarnings },
  })
  assert.equal(await keptTrust(calls), 's3://bucket/ca.pem 8')
  const ended = await calls.call(UpdateDomainName, {
    DomainName,
    MutualTlsAuthentication: { TruststoreUri: '' },
  })
  assert.equal('MutualTlsAuthentication' in ended, false)
  assert.equal(await keptTrust(calls), undefined)
})

test('a domain name that is not there', async () => {
  const calls = new ServiceCalls()
  const DomainName = 'api.example.com'
  for (const operation of [GetDomainName, UpdateDomainName, DeleteDomainName]) {
    await assert.rejects(calls.call(operation, { DomainName }), {
      code: 'NotFoundException',
      message: 'Invalid domain name identifier specified api.example.com',
    })
  }
})

test('a deleted domain name takes its mappings along, and leaves those of others', async () => {
  const calls = new ServiceCalls()
  const mapping = (parent: string) => ({ kind: 'api-mapping', parent, id: 'm1' })
  for (const DomainName of ['api.example.com', 'b.example.com']) {
    await calls.call(CreateDomainName, request({ DomainName }))
    await calls.write(({ records }) => records.put(mapping(DomainName), { ApiMappingId: 'm1' }))
  }
  await calls.call(DeleteDomainName, { DomainName: 'api.example.com' })
  const left = await calls.store.read((reader) => reader.everywhere('api-mapping'))
  assert.deepEqual(
    left.map(({ parent }) => parent),
    ['b.example.com'],
  )
})
