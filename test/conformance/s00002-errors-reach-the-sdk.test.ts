/** Errors of the management API are thrown by the official SDK as what they are. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ApiGatewayV2ServiceException,
  BadRequestException,
  ConflictException,
  CreateApiCommand,
  NotFoundException,
  TooManyRequestsException,
} from '@aws-sdk/client-apigatewayv2'
import { SERVICE_ERRORS, ServiceError, type ServiceErrorCode } from '../../src/aws/service-error.ts'
import { encodeFailure } from '../../src/services/dispatcher.ts'
import { sdkClient, wireRequest } from '../harness/sdk-client.ts'

const MODELLED = {
  BadRequestException,
  ConflictException,
  NotFoundException,
  TooManyRequestsException,
}

for (const code of Object.keys(SERVICE_ERRORS) as ServiceErrorCode[]) {
  test(code, async () => {
    const thrown = await thrownFor(new ServiceError(code, `What is wrong: "ünïcode"`))
    assert.ok(thrown instanceof ApiGatewayV2ServiceException)
    const Modelled = MODELLED[code as keyof typeof MODELLED]
    if (Modelled !== undefined) assert.ok(thrown instanceof Modelled)
    assert.equal(thrown.name, code)
    assert.equal(thrown.message, 'What is wrong: "ünïcode"')
    assert.equal(thrown.$metadata.httpStatusCode, SERVICE_ERRORS[code])
    assert.equal(thrown.$metadata.requestId, 'the-request-id')
  })
}

test('members of an error besides its message', async () => {
  const notFound = await thrownFor(
    new ServiceError('NotFoundException', 'Nothing there', { resourceType: 'Api' }),
  )
  assert.equal((notFound as NotFoundException).ResourceType, 'Api')
  assert.equal((notFound as NotFoundException).message, 'Nothing there')
  const tooMany = await thrownFor(
    new ServiceError('TooManyRequestsException', 'Too many', { LimitType: 'Routes' }),
  )
  assert.equal((tooMany as TooManyRequestsException).LimitType, 'Routes')
})

async function thrownFor(error: ServiceError): Promise<unknown> {
  const client = sdkClient((request) =>
    encodeFailure(wireRequest(request), error, 'the-request-id'),
  )
  const command = new CreateApiCommand({ Name: 'pets', ProtocolType: 'HTTP' })
  return client.send(command).then(
    () => assert.fail('no error was thrown'),
    (thrown: unknown) => thrown,
  )
}
