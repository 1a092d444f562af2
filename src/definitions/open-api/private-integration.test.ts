import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressMembers } from './private-integration.ts'

const LISTENER = 'arn:aws:elasticloadbalancing:eu-central-1:1:listener/app/inside/50dc/f2f7'
const SERVICE = 'arn:aws:servicediscovery:eu-central-1:1:service/srv-1?stage=prod'
const LINK = { ConnectionType: 'VPC_LINK', ConnectionId: 'link01' } as const

test('over the internet the address is as it is written', () => {
  const uri = 'https://shop.example/{id}'
  assert.deepEqual(addressMembers({ IntegrationUri: uri }, 'prod'), { integrationUri: uri })
})

test('a URL over a link says its path itself; an ARN gets that of the request, the stage in front', () => {
  const uri = 'http://orders:8080/v1/{id}'
  const vpcLinkId = 'link01'
  assert.deepEqual(addressMembers({ ...LINK, IntegrationUri: uri }, 'prod'), {
    integrationUri: uri,
    vpcLinkId,
  })
  const of = (IntegrationUri: string, stage: string, more = {}) =>
    addressMembers({ ...LINK, IntegrationUri, ...more }, stage)
  assert.deepEqual(of(LISTENER, 'prod'), {
    integrationUri: 'http://inside/prod',
    vpcLinkId,
    listenerArn: LISTENER,
  })
  assert.equal(of(LISTENER, '$default').integrationUri, 'http://inside')
  assert.equal(of(SERVICE, 'qa').integrationUri, 'http://srv-1/qa')
  const TlsConfig = { ServerNameToVerify: 'shop.internal' }
  assert.equal(of(SERVICE, '$default', { TlsConfig }).integrationUri, 'https://srv-1')
})
