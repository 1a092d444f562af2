import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceCalls } from '../service-calls.fake.ts'
import { vpcLinkOperations } from './vpc-link.ts'

const { CreateVpcLink, DeleteVpcLink, GetVpcLink, GetVpcLinks, UpdateVpcLink } = vpcLinkOperations
const LINK = { Name: 'inside', SubnetIds: ['subnet-0a1b', 'subnet-2c3d'] }

test('a link is answered with every member; it is pending when it is made, and available from then on', async () => {
  const calls = new ServiceCalls()
  const given = { ...LINK, SecurityGroupIds: ['sg-1'], Tags: { team: 'pets' } }
  const created = await calls.call(CreateVpcLink, given)
  const { VpcLinkStatusMessage, ...rest } = created
  assert.equal(VpcLinkStatusMessage, 'VPC link is provisioning resources')
  assert.deepEqual(rest, {
    ...given,
    CreatedDate: calls.now,
    VpcLinkId: created.VpcLinkId,
    VpcLinkStatus: 'PENDING',
    VpcLinkVersion: 'V2',
  })
  const { VpcLinkId } = created
  assert.deepEqual(await calls.call(GetVpcLink, { VpcLinkId }), {
    ...created,
    VpcLinkStatus: 'AVAILABLE',
    VpcLinkStatusMessage: 'VPC link is ready to route traffic',
  })
})

test('links are listed page by page', async () => {
  const calls = new ServiceCalls()
  for (const Name of ['a', 'b', 'c']) await calls.call(CreateVpcLink, { ...LINK, Name })
  const first = await calls.call(GetVpcLinks, { MaxResults: '2' })
  const second = await calls.call(GetVpcLinks, { NextToken: first.NextToken })
  const names = [...first.Items!, ...second.Items!].map((each) => each.Name)
  assert.deepEqual(names, ['a', 'b', 'c'])
})

test('security groups may be left out, subnets may not', async () => {
  const calls = new ServiceCalls()
  const { SecurityGroupIds } = await calls.call(CreateVpcLink, LINK)
  assert.deepEqual(SecurityGroupIds, [])
  const wrong = [{ SubnetIds: [] }, { SubnetIds: ['a b'] }, { SecurityGroupIds: [''] }]
  for (const given of wrong) {
    await assert.rejects(calls.call(CreateVpcLink, { ...LINK, ...given }), {
      code: 'BadRequestException',
    })
  }
})

test('an update changes the name and nothing else', async () => {
  const calls = new ServiceCalls()
  const created = await calls.call(CreateVpcLink, LINK)
  const { VpcLinkId } = created
  const ready = await calls.call(GetVpcLink, { VpcLinkId })
  assert.deepEqual(await calls.call(UpdateVpcLink, { VpcLinkId }), ready)
  const more = { VpcLinkId, Name: 'outside', SubnetIds: ['subnet-9'] }
  assert.deepEqual(await calls.call(UpdateVpcLink, more), { ...ready, Name: 'outside' })
})

test('there is room for as many as the limit says', async () => {
  const calls = new ServiceCalls()
  const { settings } = calls
  calls.settings = { ...settings, limits: { ...settings.limits, vpcLinksPerRegion: 1 } }
  await calls.call(CreateVpcLink, LINK)
  await assert.rejects(calls.call(CreateVpcLink, LINK), { code: 'TooManyRequestsException' })
})

test('a link that is not there', async () => {
  const calls = new ServiceCalls()
  for (const operation of [GetVpcLink, UpdateVpcLink, DeleteVpcLink]) {
    await assert.rejects(calls.call(operation, { VpcLinkId: 'none12' }), {
      code: 'NotFoundException',
      message: 'Invalid VpcLink identifier specified none12',
    })
  }
})

test('a link stays as long as an integration or a deployment in service uses it', async () => {
  const calls = new ServiceCalls()
  const { VpcLinkId } = await calls.call(CreateVpcLink, LINK)
  const parent = 'pets000000'
  const integration = { IntegrationId: 'i000001', ConnectionId: VpcLinkId }
  const draft = { kind: 'integration', parent, id: 'i000001' }
  const stage = { kind: 'stage', parent, id: 'prod' }
  const frozen = { kind: 'deployment-definition', parent, id: 'd00001' }
  const inUse = async () =>
    assert.rejects(calls.call(DeleteVpcLink, { VpcLinkId }), {
      code: 'BadRequestException',
      message: `Cannot delete vpc link. Vpc link '${VpcLinkId}' is referenced by integration i000001 of API ${parent}`,
    })

  await calls.write(async ({ records }) => {
    await records.put({ kind: 'api', parent: '', id: parent }, { ApiId: parent })
    await records.put(draft, integration)
  })
  await inUse()
  await calls.write(async ({ records }) => {
    await records.delete(draft)
    await records.put(frozen, { integrations: [integration] })
    await records.put(stage, { StageName: 'prod', DeploymentId: 'd00001' })
  })
  await inUse()
  await calls.write(({ records }) => records.put(stage, { StageName: 'prod' }))
  await calls.call(DeleteVpcLink, { VpcLinkId })
  assert.deepEqual((await calls.call(GetVpcLinks, {})).Items, [])
})
