import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import { type CertificateRecord, certificateKey } from '../../certificates/certificate-record.ts'
import { ElbSetup, TEAPOT } from '../elbv2/elb-setup.fake.ts'
import type { AcmParts } from './acm-parts.ts'
import { certificateOperations } from './certificate.ts'
import { listOperations } from './list-certificates.ts'

const NO_KEYS = {
  openSealer: async () => assert.fail('no key is needed'),
} as unknown as AcmParts
const { DescribeCertificate, DeleteCertificate } = certificateOperations(NO_KEYS)

function arnOf(name: string): string {
  return `arn:aws:acm:eu-central-1:123456789012:certificate/${name}`
}

/** Four certificates; `free` is used by nobody. */
async function begin() {
  const setup = new ElbSetup()
  const { calls } = setup
  await calls.write(async ({ records }) => {
    for (const name of ['default', 'more', 'client', 'free']) {
      const record: CertificateRecord = {
        ...{ CertificateArn: arnOf(name), Type: 'IMPORTED', issuer: 'import' },
        ...{ DomainName: `${name}.test`, SubjectAlternativeNames: [`${name}.test`] },
        ...{ KeyAlgorithm: 'RSA_2048', Status: 'ISSUED', CreatedAt: calls.now.toISOString() },
        Tags: [],
      }
      await records.put(certificateKey(record.CertificateArn), record)
    }
    const DomainNameConfigurations = [{ CertificateArn: arnOf('default') }]
    const domain = { DomainName: 'a.test', DomainNameConfigurations, endpointId: 'd-1' }
    await records.put({ kind: 'domain-name', parent: '', id: 'a.test' }, domain)
  })
  const balancer = await setup.balancer()
  const listener = await setup.listener(balancer, TEAPOT, {
    ...{ Protocol: 'HTTPS', Port: 443, Certificates: [{ CertificateArn: arnOf('default') }] },
  })
  await setup.send(
    new elb.AddListenerCertificatesCommand({
      ListenerArn: listener,
      Certificates: [{ CertificateArn: arnOf('more') }],
    }),
  )
  const stage = { apiId: 'a1b2c3d4e5', stage: 'prod', name: 'a', protocolType: 'HTTP' } as const
  const there = { accountId: '123456789012', region: 'eu-central-1' }
  const facts = { ...stage, revision: 1, deploymentId: 'd', routes: [], urls: [] }
  const clientCertificates = [arnOf('client'), 'abc123']
  calls.served = {
    revision: 1,
    apis: [
      { ...facts, ...there, clientCertificates },
      { ...facts, ...there, region: 'x', stage: 'elsewhere', clientCertificates: [arnOf('free')] },
    ],
  }
  return { setup, calls, balancer, listener }
}

test('domain names, load balancers and stages use certificates, which then stay', async () => {
  const { setup, calls, balancer, listener } = await begin()
  const stage = 'arn:aws:apigateway:eu-central-1::/apis/a1b2c3d4e5/stages/prod'
  const expected: readonly (readonly [string, readonly string[]])[] = [
    ['default', ['arn:aws:apigateway:eu-central-1::/domainnames/a.test', balancer]],
    ['more', [balancer]],
    ['client', [stage]],
    ['free', []],
  ]
  for (const [name, users] of expected) {
    const request = { CertificateArn: arnOf(name) }
    const { Certificate } = (await calls.call(DescribeCertificate, request)) as {
      readonly Certificate: { readonly InUseBy: readonly string[] }
    }
    assert.deepEqual(Certificate.InUseBy, users, name)
    const deleted = calls.call(DeleteCertificate, request)
    if (users.length === 0) await deleted
    else
      await assert.rejects(deleted, { code: 'ResourceInUseException', message: RegExp(users[0]!) })
  }
  const { CertificateSummaryList: list } = (await calls.call(
    listOperations.ListCertificates,
    {},
  )) as {
    readonly CertificateSummaryList: readonly {
      readonly DomainName: string
      readonly InUse: boolean
    }[]
  }
  assert.deepEqual(
    list.map(({ DomainName, InUse }) => [DomainName, InUse]),
    [
      ['client.test', true],
      ['default.test', true],
      ['more.test', true],
    ],
  )

  await setup.send(new elb.DeleteListenerCommand({ ListenerArn: listener }))
  await calls.call(DeleteCertificate, { CertificateArn: arnOf('more') })
  calls.served = { revision: 2, apis: [] }
  await calls.call(DeleteCertificate, { CertificateArn: arnOf('client') })
})
