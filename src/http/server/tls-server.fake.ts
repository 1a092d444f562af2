/**
 * A TLS listener with a scripted handler and a clock that tests move, for everything that is tested over HTTP/2.
 *
 * The certificate is for `localhost` and worth nothing anywhere else.
 */

import type { Clock } from '../../base/clock.ts'
import { TimerWheel } from '../../base/timer-wheel.ts'
import type { Exchange, ExchangeHandler } from '../exchange.ts'
import type { WireError } from '../wire-error.ts'
import {
  type HttpServerLimits,
  type Refusal,
  type ServerContext,
  ServerStats,
} from './server-context.ts'
import { type AcceptHttp1, createTlsServer, type TlsListener } from './tls-server.ts'

export class ManualClock implements Clock {
  ms = 1_000

  now(): number {
    return this.ms
  }

  epochMs(): number {
    return this.ms
  }
}

export interface FakeTlsServer {
  readonly port: number
  readonly listener: TlsListener
  readonly context: ServerContext
  /** Every exchange that was handled, in order. */
  readonly exchanges: Exchange[]
  /** Lets time pass in steps of a tenth of a second. */
  pass(ms: number): void
  close(): void
}

export interface FakeTlsOptions {
  readonly handle?: ExchangeHandler
  readonly limits?: Partial<HttpServerLimits>
  readonly acceptHttp1?: AcceptHttp1
  /** Makes the HTTP/1 side for the context, instead of `acceptHttp1`. */
  readonly http1?: (context: ServerContext) => AcceptHttp1
}

const LIMITS: HttpServerLimits = {
  headBytes: 10_240,
  headerCount: 100,
  bodyBytes: 1_048_576,
  chunkHeadBytes: 1_024,
  chunkExtensionBytes: 16_384,
  trailerBytes: 8_192,
  headTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  bodyBytesPerSecondMin: 64,
  writeTimeoutMs: 30_000,
  keepAliveTimeoutMs: 75_000,
  halfClosedTimeoutMs: 10_000,
  connections: 1_000,
}

const STATUSES: Readonly<Record<string, number>> = {
  'head-too-large': 431,
  'too-many-headers': 431,
  'target-too-long': 414,
  'body-too-large': 413,
  'body-timeout': 408,
}

/** Says the kind of the error, so that a test sees why it was refused. */
export function fakeRefusal(error: WireError): Refusal {
  return {
    status: STATUSES[error.kind] ?? 400,
    headers: '',
    body: `${error.kind}: ${error.detail}`,
  }
}

export async function startFakeTlsServer(options: FakeTlsOptions = {}): Promise<FakeTlsServer> {
  const clock = new ManualClock()
  const exchanges: Exchange[] = []
  const handle = options.handle ?? ((exchange) => exchange.respond(204, '', undefined))
  const context: ServerContext = {
    limits: { ...LIMITS, ...options.limits },
    handle: (exchange) => {
      exchanges.push(exchange)
      handle(exchange)
    },
    refusal: fakeRefusal,
    timers: new TimerWheel(clock),
    stats: new ServerStats(),
    connections: new Set(),
    draining: false,
    sparing: false,
  }
  const material = { certificate: FAKE_CERTIFICATE, privateKey: FAKE_PRIVATE_KEY }
  const acceptHttp1 =
    options.http1?.(context) ?? options.acceptHttp1 ?? ((socket) => socket.destroy())
  const listener = createTlsServer(context, material, acceptHttp1)
  return {
    port: await listener.listen({ port: 0, host: '127.0.0.1' }),
    listener,
    context,
    exchanges,
    pass: (ms) => {
      for (const end = clock.ms + ms; clock.ms < end; context.timers.advance()) clock.ms += 100
    },
    close: () => {
      listener.destroy()
      context.timers.stop()
    },
  }
}

/** Signed the server's certificate; trusted by the clients of tests. */
export const FAKE_AUTHORITY = `-----BEGIN CERTIFICATE-----
MIICADCCAaagAwIBAgIQEdtHI3+ZOWfeA+3zfQoM7TAKBggqhkjOPQQDAjA2MRAw
DgYDVQQKDAdQb3N0ZXJuMSIwIAYDVQQDDBlQb3N0ZXJuIGxvY2FsIENBIGNiMzIx
MDExMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjA2MRAwDgYDVQQK
DAdQb3N0ZXJuMSIwIAYDVQQDDBlQb3N0ZXJuIGxvY2FsIENBIGNiMzIxMDExMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwapQV3Sysjhin96VAcqH9BvWW39yKSF6
h8Tar4SpElB3DXsdPbUJ6unbNCB9y30ISSz/dkIBKZLg9cnyIVi6xKOBkzCBkDAS
BgNVHRMBAf8ECDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBBjBLBgNVHR4BAf8EQTA/
oD0wC4IJbG9jYWxob3N0MAqHCH8AAAD/AAAAMCKHIAAAAAAAAAAAAAAAAAAAAAH/
////////////////////MB0GA1UdDgQWBBRkfvR+Td5nrNyD/lYUNpfleZiouTAK
BggqhkjOPQQDAgNIADBFAiAR8w/XaNaUvyblPBTbfffP5CEuci/3+ULY5UVSnYkR
DAIhAOde66InSZFtae2eyNJqClVKK7pv2lpkIuxAXJUdB8Y/
-----END CERTIFICATE-----
`

export const FAKE_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIICADCCAaegAwIBAgIQGtC2GYMnMmBuin/JMaWbTDAKBggqhkjOPQQDAjA2MRAw
DgYDVQQKDAdQb3N0ZXJuMSIwIAYDVQQDDBlQb3N0ZXJuIGxvY2FsIENBIGNiMzIx
MDExMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAmMRAwDgYDVQQK
DAdQb3N0ZXJuMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARmMJAQYJui6uNGBQiP9t+DBeWOXj9kvVfUDOsDwsihHts5e1pfYXTN
bVFjGNcK416Pi50K4zrTchtmZpZMZxF0o4GkMIGhMAwGA1UdEwEB/wQCMAAwDgYD
VR0PAQH/BAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMCwGA1UdEQQlMCOCCWxv
Y2FsaG9zdIcEfwAAAYcQAAAAAAAAAAAAAAAAAAAAATAdBgNVHQ4EFgQUcZ4iLcrU
sLnSALgCJSC6+cDAKMcwHwYDVR0jBBgwFoAUZH70fk3eZ6zcg/5WFDaX5XmYqLkw
CgYIKoZIzj0EAwIDRwAwRAIgQ7akblt+tZAF+P9bAl8FG14P5CbWcej6qOt/UzqB
dqwCIAZsSKc8HvNxahw5apGrFjDUtMGSqFONwBn2XEhsGjmw
-----END CERTIFICATE-----
`

export const FAKE_PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgI5VkXMQE6fDdsTkD
DEq8mRjX8eQPzZnXQqyv1a6uknOhRANCAARmMJAQYJui6uNGBQiP9t+DBeWOXj9k
vVfUDOsDwsihHts5e1pfYXTNbVFjGNcK416Pi50K4zrTchtmZpZMZxF0
-----END PRIVATE KEY-----
`
