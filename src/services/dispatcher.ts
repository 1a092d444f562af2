/**
 * Which operation of which service a request of the control port asks for, and with which input.
 *
 * By `X-Amz-Target` for JSON 1.1, by method and path for REST-JSON. Pure: the request has been read and its signature
 * verified. What is no operation here is refused with what there is instead, so that a client pointed at Postern by
 * mistake, or for a service that is not built yet, says so in its own words.
 */

import type { Codec } from '../aws/codec.ts'
import { NO_BODY } from '../aws/codec.ts'
import { JSON_1_1 } from '../aws/json-1-1.ts'
import { codecOf } from '../aws/protocols.ts'
import { isForm, QUERY, readAction } from '../aws/query.ts'
import { REST_JSON } from '../aws/rest-json.ts'
import { inputErrorOf, ServiceError, type ServiceErrorCode } from '../aws/service-error.ts'
import { compileUri, type Labels, matchUri, type UriTemplate } from '../aws/uri-template.ts'
import type { WireRequest, WireResponse } from '../aws/wire-message.ts'
import { assert } from '../base/assert.ts'
import type { AnyOperation, Service } from './service.ts'

export interface Call {
  readonly service: Service
  /** `CreateRoute` */
  readonly name: string
  readonly operation: AnyOperation
  /** Checked against the model. */
  readonly input: object
}

/** Where an operation of a model is found. */
interface Place {
  readonly service: Service
  readonly name: string
  readonly method: string
  readonly template: UriTemplate
}

/** Paths and targets of what Postern does not speak yet. */
const NOT_BUILT: readonly (readonly [start: string, feature: string])[] = [
  ['AWSWAF_20190729', 'Web ACLs'],
  ['Logs_20140328', 'Log groups'],
]

export class Dispatcher {
  readonly #byTarget: ReadonlyMap<string, Service>
  /** Services of the Query protocol. */
  readonly #byVersion: ReadonlyMap<string, Service>
  /** In the order in which they are tried: fixed text before labels. */
  readonly #places: readonly Place[]
  readonly #supported: string

  /** Every operation of each model has to be there, if only as one that is not built. */
  constructor(services: readonly Service[]) {
    for (const service of services) checkComplete(service)
    const byTarget = services.filter(({ model }) => model.protocol === 'json-1.1')
    this.#byTarget = new Map(byTarget.map((service) => [service.model.targetPrefix ?? '', service]))
    const byVersion = services.filter(({ model }) => model.protocol === 'query')
    this.#byVersion = new Map(byVersion.map((service) => [service.model.apiVersion, service]))
    const byPath = services.filter(({ model }) => model.protocol === 'rest-json')
    this.#places = byPath.flatMap(placesOf).sort((a, b) => labelsIn(a) - labelsIn(b))
    this.#supported = supportedBy(services)
  }

  /** Throws a ServiceError: no such operation, not built yet, or an input that the model does not allow. */
  resolve(request: WireRequest): Call {
    const found = this.#find(request)
    const { service, name, labels } = found
    const operation = service.operations[name]!
    if (operation.kind === 'unsupported') {
      throw unsupported(inputErrorOf(service.model), name, operation.feature)
    }
    const input = codecOf(service.model).decodeRequest(service.model, name, { request, labels })
    return { service, name, operation, input }
  }

  /** From the head alone: everybody may call this. */
  isPublic(request: WireRequest): boolean {
    if (request.method !== 'POST' || pathOf(request.target) !== '/') return false
    const [, prefix = '', name = ''] =
      /^(.*)\.(.*)$/.exec(fieldOf(request, 'x-amz-target') ?? '') ?? []
    const operations = this.#byTarget.get(prefix)?.model.operations ?? {}
    return Object.hasOwn(operations, name) && operations[name]!.public === true
  }

  #find(request: WireRequest): { service: Service; name: string; labels: Labels } {
    const target = fieldOf(request, 'x-amz-target')
    if (target !== undefined) return { ...this.#byName(request, target), labels: {} }
    if (isForm(request)) return { ...this.#byForm(request), labels: {} }
    return this.#byPath(request)
  }

  /** `Action` and `Version` of the Query protocol. */
  #byForm(request: WireRequest): { service: Service; name: string } {
    const { method, target } = request
    if (method !== 'POST' || pathOf(target) !== '/') {
      throw unknownOperation(
        `Calls of the Query protocol are sent as POST to /, not as ${method} to ${shown(pathOf(target))}.`,
      )
    }
    const { action, version } = readAction(request)
    const service = this.#byVersion.get(version)
    if (service === undefined) {
      throw (
        notBuilt(version) ??
        this.#unknown(`No service here has the Version "${shown(version)}" (${shown(action)}).`)
      )
    }
    if (Object.hasOwn(service.model.operations, action)) return { service, name: action }
    throw unknownOperation(
      `Could not find operation ${shown(action)} for version ${shown(version)} (${service.model.name}).`,
    )
  }

  #byName(
    { method, target: path }: WireRequest,
    target: string,
  ): { service: Service; name: string } {
    const dot = target.lastIndexOf('.')
    const prefix = target.slice(0, Math.max(dot, 0))
    const name = target.slice(dot + 1)
    const service = this.#byTarget.get(prefix)
    if (service === undefined) {
      throw (
        notBuilt(prefix) ?? this.#unknown(`No service here has X-Amz-Target "${shown(target)}".`)
      )
    }
    if (!Object.hasOwn(service.model.operations, name)) {
      const names = Object.keys(service.model.operations).join(', ')
      throw unknownOperation(
        `The service ${service.model.name} has no operation "${shown(name)}". It has: ${names}.`,
      )
    }
    if (method !== 'POST' || pathOf(path) !== '/') {
      throw unknownOperation(
        `Requests with X-Amz-Target are sent as POST to /, not as ${method} to ${shown(pathOf(path))}.`,
      )
    }
    return { service, name }
  }

  #byPath({ method, target }: WireRequest): Place & { labels: Labels } {
    const path = pathOf(target)
    const segments = path.split('/').slice(1)
    const others: Place[] = []
    for (const place of this.#places) {
      const labels = matchUri(place.template, segments)
      if (labels === undefined) continue
      if (place.method !== method) others.push(place)
      else if (hasQuery(target, place.template)) return { ...place, labels }
    }
    if (others.length > 0) throw wrongMethod(method, path, others)
    throw notBuilt(path) ?? this.#unknown(`No operation here has the path ${shown(path)}.`)
  }

  #unknown(what: string): ServiceError {
    return unknownOperation(`${what} Supported: ${this.#supported}.`)
  }
}

export function encodeSuccess(call: Call, output: object, requestId: string): WireResponse {
  const { model } = call.service
  return withRequestId(
    codecOf(model).encodeResponse(model, call.name, output, requestId),
    requestId,
  )
}

/** In the protocol that the request speaks, whether or not there is such an operation. */
export function encodeFailure(
  request: WireRequest,
  error: ServiceError,
  requestId: string,
): WireResponse {
  const encoded = withRequestId(codecFor(request).encodeError(error, requestId), requestId)
  const response = withRetryAfter(encoded, error.retryAfterSeconds)
  return request.method === 'HEAD' ? { ...response, body: NO_BODY } : response
}

function codecFor(request: WireRequest): Codec {
  if (fieldOf(request, 'x-amz-target') !== undefined) return JSON_1_1
  return isForm(request) ? QUERY : REST_JSON
}

function withRequestId(response: WireResponse, requestId: string): WireResponse {
  return { ...response, headers: { ...response.headers, 'x-amzn-requestid': requestId } }
}

function withRetryAfter(response: WireResponse, seconds: number | undefined): WireResponse {
  if (seconds === undefined) return response
  return { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } }
}

function checkComplete({ model, operations }: Service): void {
  const missing = Object.keys(model.operations).filter((name) => !Object.hasOwn(operations, name))
  assert(missing.length === 0, `${model.name} says what becomes of ${missing.join(', ')}`)
}

function placesOf(service: Service): Place[] {
  return Object.entries(service.model.operations).map(([name, { method, uri }]) => ({
    service,
    name,
    method,
    template: compileUri(uri),
  }))
}

/** A path that must have a query comes before the same path without. */
function labelsIn({ template }: Place): number {
  const labels = template.segments.filter(({ label }) => label).length
  return template.query === '' ? labels + 0.5 : labels
}

function hasQuery(target: string, { query }: UriTemplate): boolean {
  if (query === '') return true
  const given = target.slice(target.indexOf('?') + 1).split('&')
  return query.split('&').every((part) => given.includes(part))
}

function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query < 0 ? target : target.slice(0, query)
}

function fieldOf({ headers }: WireRequest, name: string): string | undefined {
  return headers.find(([field]) => field.toLowerCase() === name)?.[1]
}

/** `apigatewayv2 (/v2/apis, /v2/domainnames), postern (X-Amz-Target: Postern.DeployDefinition …)` */
function supportedBy(services: readonly Service[]): string {
  return services.map(({ model }) => `${model.name} (${familiesOf(model)})`).join(', ')
}

function familiesOf({ protocol, targetPrefix, apiVersion, operations }: Service['model']): string {
  if (protocol === 'query') return `Action=<Operation>&Version=${apiVersion}`
  if (protocol === 'json-1.1') return `X-Amz-Target: ${targetPrefix}.<Operation>`
  const families = Object.values(operations).map(({ uri }) => /^(?:\/[^/{?]+){1,2}/.exec(uri)?.[0])
  return [...new Set(families)].join(', ')
}

function unsupported(code: ServiceErrorCode, name: string, feature: string): ServiceError {
  return new ServiceError(
    code,
    `${name} is not supported by this version of Postern. What is not built yet: ${feature}.`,
  )
}

function notBuilt(start: string): ServiceError | undefined {
  const row = NOT_BUILT.find(([path]) => start === path || start.startsWith(withSlash(path)))
  if (row === undefined) return undefined
  return new ServiceError(
    'BadRequestException',
    `${row[1]} are not built yet; this version of Postern serves HTTP APIs (apigatewayv2).`,
  )
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}

function wrongMethod(method: string, path: string, others: readonly Place[]): ServiceError {
  const supported = others.map((place) => `${place.method} (${place.name})`).join(', ')
  return unknownOperation(
    `${shown(path)} has no operation for ${shown(method)}. It takes: ${supported}.`,
  )
}

function unknownOperation(message: string): ServiceError {
  return new ServiceError('UnknownOperationException', message)
}

function shown(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
