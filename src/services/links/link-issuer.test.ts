import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { makeSigningRequest } from '../../certificates/signing-request.ts'
import { parseAgentName, parseLinkToken } from '../../domain/link-token.ts'
import { Sealer } from '../../identity/installation-key.ts'
import { INSTALLATION } from '../../storage/store.ts'
import { vpcLinkOperations } from '../apigatewayv2/vpc-link.ts'
import { linkOperations } from '../postern/link.ts'
import { ServiceCalls, TEST_SCOPE } from '../service-calls.fake.ts'
import type { CallFacts, WriteCalls } from '../write-calls.ts'
import { ensureLinkAuthority } from './link-authority.ts'
import { linksOf, touchesLinks } from './link-document.ts'
import { StoredLinkIssuer } from './link-issuer.ts'

const HOUR_MS = 3_600_000
const sealer = new Sealer(Buffer.alloc(32, 7))

/** Operations and issuer over one store, with a clock that is moved by hand. */
class Links {
  readonly calls = new ServiceCalls()
  readonly actions: string[] = []
  readonly operations = linkOperations({ open: () => this.#open() })
  readonly issuer = new StoredLinkIssuer({
    store: this.calls.store,
    sealer: async () => sealer,
    now: () => this.calls.now,
    writes: {
      run: (facts: CallFacts, work: Parameters<ServiceCalls['write']>[0]) => {
        assert.deepEqual(facts.scope, TEST_SCOPE)
        this.actions.push(facts.action)
        return this.calls.write(work)
      },
    } as unknown as WriteCalls,
  })

  async #open() {
    const { certificate } = await this.calls.write(({ installation, now }) =>
      ensureLinkAuthority(installation, sealer, now),
    )
    return { port: 8444, authority: certificate }
  }

  create(allow = ['orders:80']) {
    return this.calls.call(this.operations.CreateLink, { Name: 'inside', Allow: allow })
  }

  enrol(token: string, more: { label?: string; signingRequest?: string } = {}) {
    const { vpcLinkId, secret } = parseLinkToken(token)!
    const given = { label: 'agent-1', signingRequest: signingRequest(), ...more }
    return this.issuer.enrol({ vpcLinkId, secret, ...given })
  }

  pass(ms: number): void {
    this.calls.now = new Date(this.calls.now.getTime() + ms)
  }

  document() {
    return this.calls.store.read(linksOf)
  }
}

function signingRequest(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return makeSigningRequest(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
}

const serialOf = (certificate: string) => new X509Certificate(certificate).serialNumber

test('a token becomes a certificate that names link and agent, once', async () => {
  const links = new Links()
  const { Token, VpcLinkId } = await links.create()
  const issued = await links.enrol(Token)
  const certificate = new X509Certificate(issued.certificate)
  const authority = new X509Certificate(issued.authority)
  assert(certificate.verify(authority.publicKey) && certificate.checkIssued(authority))
  const name = /CN=(.*)/.exec(certificate.subject)![1]!
  const agent = { vpcLinkId: VpcLinkId, agentId: issued.agentId }
  assert.deepEqual(parseAgentName(name), agent)
  const lifeMs = certificate.validToDate.getTime() - links.calls.now.getTime()
  assert(Math.abs(lifeMs - links.calls.settings.limits.linkCertificateMs) < 2_000)
  await assert.rejects(links.enrol(Token), { message: /The token is not good/ })
  assert.deepEqual(links.actions, ['postern:EnrolLinkAgent'], 'a replay writes nothing')
})

test('two that show the same token at the same time: one gets in', async () => {
  const links = new Links()
  const { Token } = await links.create()
  const tries = await Promise.allSettled([1, 2, 3, 4].map(() => links.enrol(Token)))
  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
})

test('a token that has expired, that is of another link, or that nobody made', async () => {
  const links = new Links()
  const [one, two] = [await links.create(), await links.create()]
  const { secret } = parseLinkToken(one.Token)!
  const request = { secret, signingRequest: signingRequest(), label: 'a' }
  for (const vpcLinkId of [two.VpcLinkId, 'nobody']) {
    await assert.rejects(links.issuer.enrol({ ...request, vpcLinkId }), /The token is not good/)
  }
  const madeUp = { ...request, secret: 'A'.repeat(43), vpcLinkId: one.VpcLinkId }
  await assert.rejects(links.issuer.enrol(madeUp), /The token is not good/)
  links.pass(links.calls.settings.limits.linkTokenMs)
  await assert.rejects(links.enrol(one.Token), /The token is not good/)
  assert.deepEqual(links.actions, [])
})

test('what is wrong with a request does not use its token up', async () => {
  const links = new Links()
  const { Token } = await links.create()
  await assert.rejects(links.enrol(Token, { label: 'a b' }), /label/)
  await assert.rejects(links.enrol(Token, { signingRequest: 'x' }), /signing request/)
  await links.enrol(Token)
})

test('a certificate is renewed by its agent while it is good, and by nobody else', async () => {
  const links = new Links()
  const { Token } = await links.create()
  const issued = await links.enrol(Token)
  const { vpcLinkId, agentId } = issued
  const renewal = { vpcLinkId, agentId, signingRequest: signingRequest() }
  const serialNumber = serialOf(issued.certificate)
  links.pass(links.calls.settings.limits.linkCertificateMs - HOUR_MS)
  const next = await links.issuer.renew({ ...renewal, serialNumber })
  assert.notEqual(serialOf(next.certificate), serialNumber)
  assert.equal(next.agentId, agentId)
  links.pass(2 * HOUR_MS)
  await assert.rejects(links.issuer.renew({ ...renewal, serialNumber }), /cannot be renewed/)
  await links.issuer.renew({ ...renewal, serialNumber: serialOf(next.certificate) })
  const stranger = { ...renewal, agentId: 'another000', serialNumber: serialOf(next.certificate) }
  await assert.rejects(links.issuer.renew(stranger), /cannot be renewed/)
})

test('an agent that is revoked stands in the document with every certificate, and renews none', async () => {
  const links = new Links()
  const { Token, VpcLinkId } = await links.create()
  const issued = await links.enrol(Token)
  const { vpcLinkId, agentId } = issued
  const first = serialOf(issued.certificate)
  const renewal = { vpcLinkId, agentId, signingRequest: signingRequest() }
  const second = serialOf(
    (await links.issuer.renew({ ...renewal, serialNumber: first })).certificate,
  )
  assert.deepEqual((await links.document()).links[0]!.revokedAgents, [])
  const revoked = await links.calls.call(links.operations.RevokeLinkAgent, {
    Link: 'inside',
    AgentId: agentId,
  })
  assert.deepEqual(revoked, { VpcLinkId, Revoked: [agentId], TokensRevoked: 0 })
  const [link] = (await links.document()).links
  assert.deepEqual([link!.revokedAgents, link!.hasAgents], [[first, second], false])
  await assert.rejects(
    links.issuer.renew({ ...renewal, serialNumber: second }),
    /cannot be renewed/,
  )
})

test('who renews again and again is refused before the list of certificates grows', async () => {
  const links = new Links()
  const issued = await links.enrol((await links.create()).Token)
  const { vpcLinkId, agentId } = issued
  const serialNumber = serialOf(issued.certificate)
  const renew = () =>
    links.issuer.renew({ vpcLinkId, agentId, serialNumber, signingRequest: signingRequest() })
  for (let i = 1; i < 8; i++) await renew()
  await assert.rejects(renew(), /too often/)
})

test('agents that cannot come back make room for others', async () => {
  const links = new Links()
  const { settings } = links.calls
  links.calls.settings = { ...settings, limits: { ...settings.limits, linkAgents: 1 } }
  const { Token, VpcLinkId } = await links.create()
  await links.enrol(Token)
  const { CreateLinkToken } = links.operations
  const more = await links.calls.call(CreateLinkToken, {
    Link: VpcLinkId,
    ExpiresInSeconds: 604_800,
  })
  await assert.rejects(links.enrol(more.Token), /has 1 agents already/)
  links.pass(settings.limits.linkCertificateMs + 7 * 86_400_000)
  const late = await links.calls.call(CreateLinkToken, { Link: VpcLinkId })
  await links.enrol(late.Token)
})

test('the status of a link is that of its agents, in both APIs', async () => {
  const links = new Links()
  const { Token, VpcLinkId } = await links.create()
  const status = async () => {
    const { VpcLinkStatus } = await links.calls.call(vpcLinkOperations.GetVpcLink, { VpcLinkId })
    const { Items } = await links.calls.call(vpcLinkOperations.GetVpcLinks, {})
    const { Status } = await links.calls.call(links.operations.GetLink, { Link: VpcLinkId })
    assert.deepEqual([Items![0]!.VpcLinkStatus, Status], [VpcLinkStatus, VpcLinkStatus])
    return Status
  }
  assert.equal(await status(), 'PENDING')
  const { agentId } = await links.enrol(Token)
  assert.equal(await status(), 'INACTIVE')
  const agent = { ...CONNECTED, vpcLinkId: VpcLinkId, agentId }
  links.calls.linkedAgents = [agent]
  assert.equal(await status(), 'AVAILABLE')
  const { Agents } = await links.calls.call(links.operations.GetLink, { Link: 'inside' })
  assert.deepEqual(Agents[0]!.Connections, [agent])
  links.calls.linkedAgents = []
  await links.calls.call(links.operations.RevokeLinkAgent, { Link: VpcLinkId })
  assert.equal(await status(), 'FAILED')
})

const CONNECTED = {
  ...{ worker: 0, label: 'agent-1', version: '1', remoteAddress: '10.0.0.1' },
  ...{ connectedAtEpochMs: 0, roundTripMs: 1, streamsOpen: 0, streamsTotal: 0 },
  ...{ bytesSent: 0, bytesReceived: 0, draining: false },
}

test('a link goes with its list, tokens, agents and owner; the document follows', async () => {
  const links = new Links()
  const { VpcLinkId, Token } = await links.create(['orders:80/v1', '*.mesh:443'])
  await links.enrol(Token)
  const { revision: _, ...document } = await links.document()
  assert.deepEqual(document.links[0], {
    ...{ vpcLinkId: VpcLinkId, name: 'inside', reach: 'AGENT', ...TEST_SCOPE, revokedAgents: [] },
    hasAgents: true,
    allow: [
      { host: 'orders', port: 80, pathPrefix: '/v1' },
      { host: '*.mesh', port: 443, pathPrefix: '/' },
    ],
  })
  await links.calls.call(links.operations.DeleteLink, { Link: 'inside' })
  assert.deepEqual((await links.document()).links, [])
  const left = await links.calls.store.read(async (reader) => [
    ...(await reader.everywhere('vpc-link-agent')),
    ...(await reader.everywhere('vpc-link-token')),
    ...(await reader.everywhere('vpc-link-reach')),
    ...(await reader.in(INSTALLATION).list('vpc-link-owner', '')).records,
  ])
  assert.deepEqual(left, [])
})

test('an allow-list grows and shrinks, entry by entry; a link of AWS gets one and is served by agents', async () => {
  const links = new Links()
  const { UpdateLinkAllowances } = links.operations
  const direct = await links.calls.call(vpcLinkOperations.CreateVpcLink, {
    Name: 'own',
    SubnetIds: ['subnet-1'],
  })
  const Link = direct.VpcLinkId!
  await assert.rejects(links.calls.call(links.operations.CreateLinkToken, { Link }), {
    message: /has no allow-list/,
  })
  const change = (Add: string[], Remove: string[] = []) =>
    links.calls.call(UpdateLinkAllowances, { Link, Add, Remove })
  assert.deepEqual((await change(['b:80', 'a:80/x'])).Allow, ['b:80', 'a:80/x'])
  assert.deepEqual((await change(['b:80'])).Allow, ['b:80', 'a:80/x'])
  assert.deepEqual((await change(['c:1'], ['a:80/x'])).Allow, ['b:80', 'c:1'])
  await assert.rejects(change([], ['a:80/x']), { code: 'NotFoundException' })
  const { Reach, Status } = await links.calls.call(links.operations.GetLink, { Link: 'own' })
  assert.deepEqual([Reach, Status], ['AGENT', 'PENDING'])
  await links.calls.call(links.operations.CreateLinkToken, { Link })
})

test('a link that is in use without agents gets no allow-list', async () => {
  const links = new Links()
  const given = { Name: 'own', SubnetIds: ['subnet-1'] }
  const { VpcLinkId = '' } = await links.calls.call(vpcLinkOperations.CreateVpcLink, given)
  const parent = 'pets000000'
  const integration = { IntegrationId: 'i000001', ConnectionId: VpcLinkId }
  await links.calls.write(async ({ records }) => {
    await records.put({ kind: 'api', parent: '', id: parent }, { ApiId: parent })
    await records.put({ kind: 'integration', parent, id: 'i000001' }, integration)
  })
  const change = { Link: VpcLinkId, Add: ['a:80'] }
  await assert.rejects(links.calls.call(links.operations.UpdateLinkAllowances, change), {
    code: 'ConflictException',
    message: /integration i000001/,
  })
})

test('a link of the same id in another account is no way to this one', async () => {
  const links = new Links()
  const { VpcLinkId } = await links.create()
  const elsewhere = { accountId: '999999999999', region: TEST_SCOPE.region }
  await links.calls.store.write(async (transaction) => {
    const key = { kind: 'vpc-link', parent: '', id: VpcLinkId }
    await transaction.in(elsewhere).put(key, { VpcLinkId, Name: 'theirs' })
  })
  const { links: all } = await links.document()
  assert.deepEqual(
    all.map(({ accountId, reach }) => [accountId, reach]),
    [
      [TEST_SCOPE.accountId, 'AGENT'],
      [elsewhere.accountId, 'DIRECT'],
    ],
  )
})

test('secrets are in no record; a renewal is no change of what workers know', async () => {
  const links = new Links()
  const { Token } = await links.create()
  const { secret } = parseLinkToken(Token)!
  const records = await links.calls.store.read(async (reader) => [
    ...(await reader.everywhere('vpc-link-token')),
    ...(await reader.in(INSTALLATION).list('vpc-link-authority', '')).records,
  ])
  assert.equal(records.length, 2)
  assert.doesNotMatch(JSON.stringify(records), new RegExp(`${secret}|PRIVATE KEY`))
  const agent = { agentId: 'a', label: 'a', enrolledAt: '', certificates: [] }
  const key = { kind: 'vpc-link-agent', parent: 'l', id: 'a' }
  const change = { scope: TEST_SCOPE, key, before: undefined, after: agent }
  assert.equal(touchesLinks([change]), true, 'from now on calls may wait for it')
  const certificates = [{ serialNumber: 'AB', expiresAt: '' }]
  const renewed = { ...agent, certificates }
  assert.equal(touchesLinks([{ ...change, before: agent, after: renewed }]), false)
  const revoked = { ...agent, certificates, revokedAt: 'now' }
  assert.equal(touchesLinks([{ ...change, before: agent, after: revoked }]), true)
})
