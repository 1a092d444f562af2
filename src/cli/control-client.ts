/**
 * A client of the control port: operations of a service model, signed, over HTTP.
 *
 * The same codecs and the same signer as the server, so a command needs no SDK. Every failure becomes a sentence with what
 * to do about it: nothing runs there, something else does, the key is not accepted, the call was refused.
 */

import type { ListCertificatesRequest, ListCertificatesResponse } from '@aws-sdk/client-acm'
import type {
  ExportApiRequest,
  ExportApiResponse,
  GetApiMappingsRequest,
  GetApiMappingsResponse,
  GetApisRequest,
  GetApisResponse,
  GetDeploymentsRequest,
  GetDeploymentsResponse,
  GetDomainNamesRequest,
  GetDomainNamesResponse,
  GetStageRequest,
  GetStageResponse,
  GetStagesRequest,
  GetStagesResponse,
  UpdateStageRequest,
  UpdateStageResponse,
} from '@aws-sdk/client-apigatewayv2'
import type {
  CreateUserImportJobRequest,
  CreateUserImportJobResponse,
  DescribeUserImportJobRequest,
  DescribeUserImportJobResponse,
  GetCSVHeaderRequest,
  GetCSVHeaderResponse,
  ListUsersRequest,
  ListUsersResponse,
  StartUserImportJobRequest,
  StartUserImportJobResponse,
} from '@aws-sdk/client-cognito-identity-provider'
import { clientCodecOf } from '../aws/protocols.ts'
import { ServiceError } from '../aws/service-error.ts'
import type { ServiceModel } from '../aws/service-model.ts'
import { signRequest } from '../aws/sigv4/sign-request.ts'
import type { WireRequest, WireResponse } from '../aws/wire-message.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { messageOf } from '../base/message-of.ts'
import { type Failure, failure } from '../server/failure.ts'
import { POSTERN_MODEL } from '../services/postern/model.ts'
import type { PosternOperations } from '../services/postern/operations.ts'
import type { Terminal } from './command.ts'
import { type AccessSettings, type ControlAccess, findControlAccess } from './control-access.ts'
import { notAccepted, notAllowed, notPostern, refused, unreachable } from './control-failure.ts'

/** The operations of API Gateway that commands call, with what they take and give. */
export interface GatewayOperations {
  readonly GetApis: [GetApisRequest, GetApisResponse]
  readonly GetStages: [GetStagesRequest, GetStagesResponse]
  readonly GetStage: [GetStageRequest, GetStageResponse]
  readonly UpdateStage: [UpdateStageRequest, UpdateStageResponse]
  readonly GetDeployments: [GetDeploymentsRequest, GetDeploymentsResponse]
  readonly ExportApi: [ExportApiRequest, ExportApiResponse]
  readonly GetDomainNames: [GetDomainNamesRequest, GetDomainNamesResponse]
  readonly GetApiMappings: [GetApiMappingsRequest, GetApiMappingsResponse]
}

/** The operations on certificates that commands call. */
export interface CertificateOperations {
  readonly ListCertificates: [ListCertificatesRequest, ListCertificatesResponse]
}

/** The operations on user pools that commands call. */
export interface UserPoolOperations {
  readonly GetCSVHeader: [GetCSVHeaderRequest, GetCSVHeaderResponse]
  readonly ListUsers: [ListUsersRequest, ListUsersResponse]
  readonly CreateUserImportJob: [CreateUserImportJobRequest, CreateUserImportJobResponse]
  readonly StartUserImportJob: [StartUserImportJobRequest, StartUserImportJobResponse]
  readonly DescribeUserImportJob: [DescribeUserImportJobRequest, DescribeUserImportJobResponse]
}

/** Compiling the routes of a large API takes seconds. */
const TIMEOUT_MS = 60_000
/** Far more than ten thousand routes need. */
const ANSWER_BYTES_MAX = 67_108_864
const LINE_LENGTH_MAX = 1_048_576
const LINES_TYPE = 'application/x-ndjson'
/** Every answer of a Postern has it, and of hardly anything else. */
const REQUEST_ID = 'x-amzn-requestid'

export async function connect(
  settings: AccessSettings,
  environment: Terminal['environment'],
): Promise<ControlClient> {
  return new ControlClient(await findControlAccess(settings, environment), systemClock)
}

export class ControlClient {
  readonly #access: ControlAccess
  readonly #clock: Clock

  constructor(access: ControlAccess, clock: Clock) {
    this.#access = access
    this.#clock = clock
  }

  /** Throws a Failure. */
  async gateway<Name extends keyof GatewayOperations>(
    name: Name,
    input: GatewayOperations[Name][0],
  ): Promise<GatewayOperations[Name][1]> {
    return (await this.#call(await gatewayModel(), name, input)) as GatewayOperations[Name][1]
  }

  /** Throws a Failure. */
  async cognito<Name extends keyof UserPoolOperations>(
    name: Name,
    input: UserPoolOperations[Name][0],
  ): Promise<UserPoolOperations[Name][1]> {
    return (await this.#call(await userPoolModel(), name, input)) as UserPoolOperations[Name][1]
  }

  /** Throws a Failure. */
  async acm<Name extends keyof CertificateOperations>(
    name: Name,
    input: CertificateOperations[Name][0],
  ): Promise<CertificateOperations[Name][1]> {
    const { readAcmModel } = await import('../services/acm/service-model.ts')
    return (await this.#call(readAcmModel(), name, input)) as CertificateOperations[Name][1]
  }

  /** Throws a Failure. */
  async postern<Name extends keyof PosternOperations>(
    name: Name,
    input: PosternOperations[Name][0],
  ): Promise<PosternOperations[Name][1]> {
    return (await this.#call(POSTERN_MODEL, name, input)) as PosternOperations[Name][1]
  }

  /** The lines of an answer without an end. `path` is relative. Throws a Failure. */
  async *lines(path: string, signal: AbortSignal): AsyncGenerator<string> {
    const request = { method: 'GET', target: `/${path}`, headers: [], body: new Uint8Array(0) }
    const response = await this.#send(request, POSTERN_MODEL.signingName, signal)
    const type = response.headers.get('content-type') ?? ''
    if (response.status !== 200 || !type.startsWith(LINES_TYPE)) {
      decode(POSTERN_MODEL, 'GetServedApis', await this.#read(response), this.#access)
      throw notPostern(this.#access, `status ${response.status}, ${type}`)
    }
    try {
      yield* linesOf(response)
    } catch (thrown) {
      if (signal.aborted) throw thrown
      throw failure(`The stream broke off: ${messageOf(thrown)}`, 'Is Postern still running?')
    }
  }

  async #call(model: ServiceModel, operation: string, input: object): Promise<object> {
    const request = clientCodecOf(model).encodeRequest(model, operation, input)
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    const response = await this.#send(request, model.signingName, timeout)
    return decode(model, operation, await this.#read(response), this.#access)
  }

  async #send(request: WireRequest, service: string, signal: AbortSignal): Promise<Response> {
    const { url } = this.#access
    const place = new URL(request.target.slice(1), url)
    const headers = this.#sign(
      { ...request, target: place.pathname + place.search },
      place,
      service,
    )
    try {
      return await fetch(place, {
        method: request.method,
        headers: headers.filter(([name]) => name !== 'host').map(([name, value]) => [name, value]),
        redirect: 'error',
        signal,
        ...(request.body.length === 0 ? {} : { body: Buffer.from(request.body) }),
      })
    } catch (thrown) {
      if (signal.aborted && !isTimeout(signal)) throw thrown
      throw unreachable(this.#access, thrown)
    }
  }

  #sign(request: WireRequest, place: URL, service: string): WireRequest['headers'] {
    const { key, region } = this.#access
    const headers: WireRequest['headers'] = [
      ...request.headers.filter(([name]) => name.toLowerCase() !== 'host'),
      ['host', place.host],
    ]
    if (key === undefined) return headers
    const epochMs = this.#clock.epochMs()
    return signRequest({ ...request, headers }, key, { region, service, epochMs })
  }

  async #read(response: Response): Promise<WireResponse> {
    try {
      return await readWhole(response)
    } catch (thrown) {
      throw notPostern(this.#access, messageOf(thrown))
    }
  }
}

/** The table without constraints: the server checks them, and says so in AWS's words. */
async function gatewayModel(): Promise<ServiceModel> {
  const { MODEL } = await import('../services/apigatewayv2/generated/model.ts')
  return JSON.parse(MODEL) as ServiceModel
}

async function userPoolModel(): Promise<ServiceModel> {
  const { MODEL } = await import('../services/cognito-idp/generated/model.ts')
  return JSON.parse(MODEL) as ServiceModel
}

function decode(
  model: ServiceModel,
  operation: string,
  response: WireResponse,
  access: ControlAccess,
): object {
  if (response.headers[REQUEST_ID] === undefined) {
    throw notPostern(access, `status ${response.status} without ${REQUEST_ID}`)
  }
  try {
    return clientCodecOf(model).decodeResponse(model, operation, response)
  } catch (thrown) {
    throw thrown instanceof ServiceError
      ? failureOf(thrown, access)
      : notPostern(access, messageOf(thrown))
  }
}

function failureOf(error: ServiceError, access: ControlAccess): Failure {
  switch (error.code) {
    case 'MissingAuthenticationTokenException':
    case 'IncompleteSignatureException':
    case 'InvalidSignatureException':
    case 'UnrecognizedClientException':
    case 'ExpiredTokenException':
      return notAccepted(access, error.message)
    case 'AccessDeniedException':
      return notAllowed(error.message)
    default:
      return refused(error.message)
  }
}

function isTimeout({ reason }: AbortSignal): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

async function readWhole(response: Response): Promise<WireResponse> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer is too large')
    chunks.push(chunk)
  }
  const headers = Object.fromEntries(response.headers)
  return { status: response.status, headers, body: Buffer.concat(chunks) }
}

/** Complete lines only: the last one of a stream that breaks off may be half. */
async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body ?? []) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = pieces.pop() ?? ''
    if (rest.length > LINE_LENGTH_MAX) throw new Error('a line of the answer is too long')
    for (const line of pieces) if (line !== '') yield line
  }
}
