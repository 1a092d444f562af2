/** IAM and STS on the wire: what the official clients send is read, what is answered they read. */

import assert from 'node:assert/strict'
import test from 'node:test'
import * as iam from '@aws-sdk/client-iam'
import * as sts from '@aws-sdk/client-sts'
import fc from 'fast-check'
import { QUERY, readAction } from '../../aws/query.ts'
import { ServiceError } from '../../aws/service-error.ts'
import type { ServiceModel } from '../../aws/service-model.ts'
import { plain, structureArbitrary } from '../../aws/shape-arbitrary.fake.ts'
import type { WireResponse } from '../../aws/wire-message.ts'
import { MODEL as STS_MODEL } from '../sts/generated/model.ts'
import { MODEL as IAM_MODEL } from './generated/model.ts'

/** Without lengths and patterns, which are not the wire's business; no operation here takes a fraction. */
const [IAM, STS] = [IAM_MODEL, STS_MODEL].map(
  (text) => JSON.parse(text.replaceAll('"double"', '"integer"')) as ServiceModel,
) as [ServiceModel, ServiceModel]
const FORM = [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']] as const

/** A client whose calls end here: what it sent, and what it makes of the answer. */
async function exchange(
  send: (handler: object) => Promise<unknown>,
  answer: WireResponse,
): Promise<{ body: string; output: unknown }> {
  let body = ''
  const output = await send({
    handle: async (request: { body: string }) => {
      body = request.body
      const { status: statusCode, headers } = answer
      return { response: { statusCode, headers, body: answer.body } }
    },
  }).catch((error: unknown) => error)
  return { body, output }
}

const SETTINGS = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
}

function sendIam(command: unknown) {
  return (requestHandler: object) =>
    new iam.IAMClient({ ...SETTINGS, requestHandler: requestHandler as never }).send(
      command as never,
    )
}

function sendSts(command: unknown) {
  return (requestHandler: object) =>
    new sts.STSClient({ ...SETTINGS, requestHandler: requestHandler as never }).send(
      command as never,
    )
}

test('what the official clients send is read as it was meant', async () => {
  const commands = [
    [IAM, 'CreateUser', (input: never) => sendIam(new iam.CreateUserCommand(input))],
    [IAM, 'CreatePolicy', (input: never) => sendIam(new iam.CreatePolicyCommand(input))],
    [IAM, 'UntagRole', (input: never) => sendIam(new iam.UntagRoleCommand(input))],
    [IAM, 'ListPolicies', (input: never) => sendIam(new iam.ListPoliciesCommand(input))],
    [STS, 'AssumeRole', (input: never) => sendSts(new sts.AssumeRoleCommand(input))],
  ] as const
  for (const [model, name, send] of commands) {
    const inputs = structureArbitrary(model, `${name}Request`)
    const property = fc.asyncProperty(inputs, async (input) => {
      const answer = QUERY.encodeResponse(model, name, {})
      const { body } = await exchange(send(input as never), answer)
      const request = { method: 'POST', target: '/', headers: FORM, body: Buffer.from(body) }
      assert.deepEqual(readAction(request), { action: name, version: model.apiVersion })
      const read = QUERY.decodeRequest(model, name, { request, labels: {} })
      assert.deepEqual(plain(read), plain(withoutEmpty(input)), body)
    })
    await fc.assert(property, { numRuns: 25 })
  }
})

/** A structure without members leaves no trace in a form, nor does a list of nothing else. */
function withoutEmpty(value: Record<string, unknown>): Record<string, unknown> {
  const isEmpty = (item: unknown) =>
    typeof item === 'object' && item !== null && Object.keys(item).length === 0
  const entries = Object.entries(value).flatMap(([key, item]) => {
    if (!Array.isArray(item) || item.length === 0) return [[key, item]]
    const rest = item.filter((each) => !isEmpty(each))
    return rest.length === 0 ? [] : [[key, rest]]
  })
  return Object.fromEntries(entries)
}

test('what is answered the official clients read', async () => {
  const User = {
    UserName: 'ada',
    UserId: 'AIDA1',
    Path: '/',
    Arn: 'arn:aws:iam::123456789012:user/ada',
    CreateDate: new Date('2026-11-28T05:00:00Z'),
    Tags: [
      { Key: 'a&b', Value: '<x>' },
      { Key: 'empty', Value: '' },
    ],
  }
  const user = QUERY.encodeResponse(IAM, 'GetUser', { User }, 'id-1')
  const got = await exchange(sendIam(new iam.GetUserCommand({})), user)
  const { $metadata: _, ...read } = got.output as iam.GetUserCommandOutput
  assert.deepEqual(plain(read), plain({ User }))
  const none = QUERY.encodeResponse(IAM, 'ListUsers', { Users: [], IsTruncated: false })
  const listed = await exchange(sendIam(new iam.ListUsersCommand({})), none)
  assert.deepEqual((listed.output as iam.ListUsersCommandOutput).Users, [])
  assert.equal((listed.output as iam.ListUsersCommandOutput).IsTruncated, false)
  const deleted = QUERY.encodeResponse(IAM, 'DeleteUser', {})
  const gone = await exchange(sendIam(new iam.DeleteUserCommand({ UserName: 'a' })), deleted)
  assert.ok(!(gone.output instanceof Error))
})

test('errors are those of the service, and the client makes its classes of them', async () => {
  const cases = [
    ['NoSuchEntityException', 404, iam.NoSuchEntityException],
    ['EntityAlreadyExistsException', 409, iam.EntityAlreadyExistsException],
    ['DeleteConflictException', 409, iam.DeleteConflictException],
    ['LimitExceededException', 409, iam.LimitExceededException],
    ['MalformedPolicyDocumentException', 400, iam.MalformedPolicyDocumentException],
  ] as const
  for (const [code, status, expected] of cases) {
    const answer = QUERY.encodeError(new ServiceError(code, 'Why: <not>'), 'id-1')
    assert.equal(answer.status, status)
    const { output } = await exchange(sendIam(new iam.GetUserCommand({})), answer)
    assert.ok(output instanceof expected, code)
    assert.equal(output.message, 'Why: <not>')
  }
  const denied = QUERY.encodeError(new ServiceError('AccessDeniedException', 'no'))
  const { output } = await exchange(sendSts(new sts.GetCallerIdentityCommand({})), denied)
  assert.deepEqual([(output as Error).name, denied.status], ['AccessDenied', 403])
})
