import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientCodecOf } from '../../aws/protocols.ts'
import { ServiceError } from '../../aws/service-error.ts'
import { Sealer } from '../../identity/installation-key.ts'
import type { Caller, ReadContext } from '../service.ts'
import { ServiceCalls, TEST_SCOPE } from '../service-calls.fake.ts'
import { accessKeyOperations } from './access-key.ts'
import { auditLogOperations } from './audit-log.ts'
import { POSTERN_MODEL } from './model.ts'
import type { PosternOperations } from './operations.ts'
import { posternService } from './postern.ts'
import { servedApiOperations } from './served-apis.ts'

const sealer = new Sealer(Buffer.alloc(32, 1))
const { CreateAccessKey, ListAccessKeys, DeleteAccessKey } = accessKeyOperations(async () => sealer)

/** A context of a read, for what the store of the calls does not have. */
function readContext(changes: Partial<ReadContext> & { readonly readOnly?: boolean }): ReadContext {
  const { readOnly = false, ...rest } = changes
  const caller: Caller = { accountId: '1', accessKeyId: 'AKPOTEST', readOnly, sourceIp: '' }
  return { caller, ...rest } as ReadContext
}

const NAMES = {
  PlanDefinition: true,
  DeployDefinition: true,
  CreateAccessKey: true,
  ListAccessKeys: true,
  DeleteAccessKey: true,
  GetAuditLog: true,
  GetServedApis: true,
  ListOutboxMessages: true,
  ListUsage: true,
  TopUpQuota: true,
  ExplainCalls: true,
  ListUserImportProblems: true,
  CreateLink: true,
  CreateLinkToken: true,
  UpdateLinkAllowances: true,
  RevokeLinkAgent: true,
  DeleteLink: true,
  GetLink: true,
  ListLinks: true,
} as const satisfies Record<keyof PosternOperations, true>

test('every operation of the model is built, and no other', () => {
  const { model, operations } = posternService(async () => assert.fail('nothing is sealed here'))
  const names = Object.keys(NAMES).toSorted()
  assert.deepEqual(Object.keys(model.operations).toSorted(), names)
  assert.deepEqual(Object.keys(operations).toSorted(), names)
  for (const { input, output } of Object.values(model.operations)) {
    assert(model.shapes[input!] !== undefined && model.shapes[output!] !== undefined)
  }
  const kinds = Object.values(operations).map(({ kind }) => kind)
  assert(!kinds.includes('unsupported'))
})

test('what a request says arrives as it was, and what is wrong with it is told', () => {
  const codec = clientCodecOf(POSTERN_MODEL)
  const decode = (name: string, input: object) => {
    const request = codec.encodeRequest(POSTERN_MODEL, name, input)
    return codec.decodeRequest(POSTERN_MODEL, name, { request, labels: {} })
  }
  const deploy = { File: 'a.yaml', Text: 'x', DryRun: true, PlanDigest: 'd', Target: 'http://o' }
  assert.deepEqual(decode('DeployDefinition', deploy), deploy)
  assert.throws(() => decode('DeployDefinition', { File: 'a.yaml' }), ServiceError)
  assert.throws(() => decode('CreateAccessKey', { ReadOnly: 'yes' }), ServiceError)
  for (const StageName of ['', 'a/b', '$other', 'ü', 's'.repeat(129)]) {
    assert.throws(() => decode('DeployDefinition', { ...deploy, StageName }), ServiceError)
  }
  assert.throws(() => decode('DeployDefinition', { ...deploy, ApiName: '' }), ServiceError)
  const named = { ...deploy, StageName: '$default', ApiName: 'Pets' }
  assert.deepEqual(decode('DeployDefinition', named), named)
})

test('keys: created with the account of the caller, listed without secrets, deleted', async () => {
  const calls = new ServiceCalls()
  const first = await calls.call(CreateAccessKey, {})
  const second = await calls.call(CreateAccessKey, {
    ...{ AccountId: '111122223333', ReadOnly: true, Description: 'dashboard' },
  })
  assert.equal(first.AccountId, TEST_SCOPE.accountId)
  assert.equal(first.SecretAccessKey.length, 40)
  assert.notEqual(first.SecretAccessKey, second.SecretAccessKey)
  const { AccessKeys } = await calls.call(ListAccessKeys, {})
  const { SecretAccessKey: _first, ...firstView } = first
  const { SecretAccessKey: _second, ...secondView } = second
  assert.deepEqual(AccessKeys, [firstView, secondView])
  assert(!JSON.stringify(AccessKeys).includes(first.SecretAccessKey))
  await calls.call(DeleteAccessKey, { AccessKeyId: second.AccessKeyId })
  assert.deepEqual((await calls.call(ListAccessKeys, {})).AccessKeys, [firstView])
})

test('the last key that may write stays', async () => {
  const calls = new ServiceCalls()
  const { AccessKeyId } = await calls.call(CreateAccessKey, {})
  await calls.call(CreateAccessKey, { ReadOnly: true })
  const removal = calls.call(DeleteAccessKey, { AccessKeyId })
  await assert.rejects(removal, { code: 'ConflictException' })
})

test('a read-only key sees what is served, and neither keys nor the audit log', async () => {
  const calls = new ServiceCalls()
  const served = { revision: 3, apis: [] }
  const context = readContext({ readOnly: true, served: () => served })
  const { GetServedApis } = servedApiOperations
  assert(GetServedApis.kind === 'read' && ListAccessKeys.kind === 'read')
  assert.deepEqual(await GetServedApis.run({}, context), { Revision: 3, Apis: [] })
  await assert.rejects(ListAccessKeys.run({}, context), { code: 'AccessDeniedException' })
  const { GetAuditLog } = auditLogOperations
  assert(GetAuditLog.kind === 'read')
  await assert.rejects(GetAuditLog.run({}, context), { code: 'AccessDeniedException' })
  await calls.store.close()
})

test('the audit log: newest first, page by page, and whether it is whole', async () => {
  const calls = new ServiceCalls()
  const { GetAuditLog } = auditLogOperations
  for (const action of ['a:One', 'a:Two', 'a:Three']) {
    await calls.store.write((transaction) =>
      transaction.audit({
        ...{ scope: TEST_SCOPE, who: 'AKPOTEST', sourceIp: '', requestId: 'r', action },
        changes: [{ resource: 'x/1', after: {} }],
      }),
    )
  }
  const page = await calls.call(GetAuditLog, { MaxResults: 2 })
  assert.deepEqual(
    page.Records.map(({ action }) => action),
    ['a:Three', 'a:Two'],
  )
  assert.equal(page.Intact, true)
  const rest = await calls.call(GetAuditLog, { Before: page.Records[1]!.sequence })
  assert.deepEqual(
    rest.Records.map(({ action }) => action),
    ['a:One'],
  )
  for (const MaxResults of [0, 1_001, 1.5]) {
    await assert.rejects(calls.call(GetAuditLog, { MaxResults }), { code: 'BadRequestException' })
  }
  assert(GetAuditLog.kind === 'read')
  const audit = { log: async () => [], verify: async () => 2 }
  const broken = await GetAuditLog.run({}, readContext({ audit }))
  assert.deepEqual(broken, { Records: [], Intact: false, BrokenAt: 2 })
})
