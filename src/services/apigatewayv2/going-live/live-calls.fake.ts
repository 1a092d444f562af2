/**
 * Calls of operations with what follows them, for tests: each call is a batch of one, and what it changes goes live.
 *
 * `served` is what the workers would serve: the documents as `LiveStages.after` has returned them so far.
 */

import { isDeepStrictEqual } from 'node:util'
import { ServiceError, type ServiceErrorCode } from '../../../aws/service-error.ts'
import { assert } from '../../../base/assert.ts'
import type { HttpApiStage } from '../../../domain/http-api.ts'
import type { LiveStages, StageChanges } from '../../live-stages.ts'
import type { Operation, WriteContext } from '../../service.ts'
import { ServiceCalls } from '../../service-calls.fake.ts'
import { authorizerOperations } from '../authorizer.ts'
import { apiGatewayV2Stages } from './live-stages.ts'

export class LiveCalls {
  readonly calls = new ServiceCalls()
  readonly stages: LiveStages = apiGatewayV2Stages(this.calls.settings)
  /** `{apiId}/{stageName}` → document. */
  readonly served = new Map<string, HttpApiStage>()
  last: StageChanges = { live: [], gone: [] }

  call<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output> {
    if (operation.kind !== 'write') return this.calls.call(operation, input)
    return this.batch((context) => operation.run(input, context))
  }

  /** Several calls as one batch. */
  async batch<T>(work: (context: WriteContext) => Promise<T>): Promise<T> {
    const { result, changes } = await this.calls.write(async (context, transaction) => {
      const result = await work(context)
      const changes = await this.stages.after(transaction, context)
      return { result, changes }
    })
    this.last = changes
    for (const stage of changes.live) this.served.set(`${stage.apiId}/${stage.stageName}`, stage)
    for (const { apiId, stageName } of changes.gone) this.served.delete(`${apiId}/${stageName}`)
    return result
  }

  /** The call must fail so, and what is served stay as it is. */
  async refuses(
    attempt: Promise<unknown>,
    message: RegExp,
    code: ServiceErrorCode = 'BadRequestException',
  ): Promise<void> {
    const before = new Map(this.served)
    const error = await attempt.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    assert(error instanceof ServiceError, `a refusal was expected, not ${String(error)}`)
    assert(error.code === code, `${code} was expected, not ${error.code}: ${error.message}`)
    assert(message.test(error.message), `${message} was expected, not: ${error.message}`)
    assert(isDeepStrictEqual(this.served, before), 'a refusal changes nothing that is served')
  }

  /** A guard that a draft can have, and that is not enforced. */
  async unenforced(ApiId: string | undefined) {
    const { AuthorizerId } = await this.call(authorizerOperations.CreateAuthorizer, {
      ApiId,
      AuthorizerType: 'REQUEST',
      Name: 'function',
      AuthorizerPayloadFormatVersion: '2.0',
      AuthorizerUri: FUNCTION,
      IdentitySource: ['$request.header.Authorization'],
    })
    return { AuthorizationType: 'CUSTOM', AuthorizerId } as const
  }
}

const FUNCTION =
  'arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:check/invocations'
