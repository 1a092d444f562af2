/**
 * A control port for tests of commands: the real dispatcher, codecs and signatures, with scripted answers.
 *
 * An operation without an answer is one that the command must not call. What was called is kept, in order.
 */

import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ServiceError } from '../aws/service-error.ts'
import type { ServiceModel } from '../aws/service-model.ts'
import { SigningKeys } from '../aws/sigv4/signing-key.ts'
import { verifySignature } from '../aws/sigv4/sigv4.ts'
import type { WireRequest } from '../aws/wire-message.ts'
import { systemClock } from '../base/clock.ts'
import { readAcmModel } from '../services/acm/service-model.ts'
import { MODEL } from '../services/apigatewayv2/generated/model.ts'
import { Dispatcher, encodeFailure, encodeSuccess } from '../services/dispatcher.ts'
import { POSTERN_MODEL } from '../services/postern/model.ts'
import {
  type AnyOperation,
  read,
  type Service,
  type UnsupportedOperation,
} from '../services/service.ts'

export const FAKE_KEY = {
  accessKeyId: 'AKPOTESTTESTTESTTEST',
  secretAccessKey: 'secret+of/the key',
}

/** By operation. A ServiceError is answered as one. */
export type Answers = Readonly<Record<string, (input: never) => object>>

export interface FakeOptions {
  readonly answers?: Answers
  /** For what is no operation: `/_postern/tail`. True: it has answered. */
  readonly page?: (target: string, response: ServerResponse) => boolean
}

export interface FakeCall {
  readonly name: string
  readonly input: object
  /** Of the signature; '' for an unsigned call. */
  readonly region: string
}

export class ControlServerFake {
  readonly calls: FakeCall[] = []
  readonly #server: http.Server
  readonly #options: FakeOptions
  readonly #dispatcher: Dispatcher

  static async start(options: FakeOptions): Promise<ControlServerFake> {
    const fake = new ControlServerFake(options)
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  constructor(options: FakeOptions) {
    this.#options = options
    this.#server = http.createServer((request, response) => void this.#answer(request, response))
    const models = [JSON.parse(MODEL) as ServiceModel, readAcmModel(), POSTERN_MODEL]
    this.#dispatcher = new Dispatcher(
      models.map((model) => serviceOf(model, options.answers ?? {})),
    )
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** The environment in which a command finds it. */
  get environment(): Readonly<Record<string, string>> {
    return {
      AWS_ENDPOINT_URL: this.url,
      AWS_ACCESS_KEY_ID: FAKE_KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_KEY.secretAccessKey,
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await wireRequest(incoming)
    try {
      const region = regionOf(request)
      if (this.#options.page?.(request.target, response)) return
      const call = this.#dispatcher.resolve(request)
      this.calls.push({ name: call.name, input: call.input, region })
      const output = await call.operation.run(call.input as never, undefined as never)
      send(response, encodeSuccess(call, output, 'request-1'))
    } catch (thrown) {
      if (!(thrown instanceof ServiceError)) throw thrown
      send(response, encodeFailure(request, thrown, 'request-1'))
    }
  }
}

/** Throws what a signature that is not good is answered with. */
function regionOf(request: WireRequest): string {
  const verdict = verifySignature(request, {
    secretOf: (id) => (id === FAKE_KEY.accessKeyId ? FAKE_KEY : undefined),
    services: ['apigateway', 'acm', 'postern'],
    clock: systemClock,
    signingKeys: new SigningKeys(),
  })
  if (verdict.kind === 'refused') throw new ServiceError(verdict.code, verdict.message)
  return verdict.region
}

function serviceOf(model: ServiceModel, answers: Answers): Service {
  const names = Object.keys(model.operations)
  const operations = names.map((name): [string, AnyOperation | UnsupportedOperation] => {
    const answer = answers[name]
    if (answer === undefined) return [name, { kind: 'unsupported', feature: 'Not scripted' }]
    return [name, read(async (input: never) => answer(input)) as AnyOperation]
  })
  return { model, operations: Object.fromEntries(operations) }
}

async function wireRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  const { rawHeaders, method = '', url = '' } = incoming
  const headers = Array.from(
    { length: rawHeaders.length / 2 },
    (_, i) => [rawHeaders[2 * i]!, rawHeaders[2 * i + 1]!] as const,
  )
  return { method, target: url, headers, body: Buffer.concat(chunks) }
}

function send(response: ServerResponse, wire: ReturnType<typeof encodeSuccess>): void {
  response.writeHead(wire.status, { ...wire.headers })
  response.end(wire.body)
}
