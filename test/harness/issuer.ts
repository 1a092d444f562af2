/**
 * The identity provider of a scenario: a raw server that publishes keys, signs tokens, and can be slow, wrong or gone.
 */

import type { TestContext } from 'node:test'
import {
  keySetOf,
  signToken,
  type TestKey,
  testKey,
} from '../../src/features/authorize/jwt/token.fake.ts'
import { type Origin, ok, startOrigin } from './origin.ts'

export const DISCOVERY = '/.well-known/openid-configuration'
const KEYS = '/keys'

/** What it answers to one target; undefined: nothing, for ever. */
export type IssuerAnswer = () => string | undefined

export class Issuer {
  keys: TestKey[]
  /** By target; what is not here is answered as a good issuer does. */
  readonly answers = new Map<string, IssuerAnswer>()
  /** The targets that it was asked for, in order. */
  readonly asked: string[] = []
  readonly #epochMs: () => number
  origin!: Origin

  constructor(keys: readonly TestKey[], epochMs: () => number) {
    this.keys = [...keys]
    this.#epochMs = epochMs
  }

  get url(): string {
    return this.origin.url
  }

  /** For the `jwt` of a stage. */
  get authorizer(): { readonly issuer: string } {
    return { issuer: this.url }
  }

  /** How often it was asked for its keys. */
  get keysAsked(): number {
    return this.asked.filter((target) => target === KEYS).length
  }

  /** Claims of a good token for the audience `shop`, an hour long. */
  claims(changes: object = {}): Record<string, unknown> {
    const seconds = Math.floor(this.#epochMs() / 1000)
    const times = { iat: seconds - 10, nbf: seconds - 10, exp: seconds + 3_600 }
    return { iss: this.url, aud: 'shop', sub: 'jo', ...times, ...changes }
  }

  token(changes: object = {}, header: object = {}, key = this.keys[0]!): string {
    return signToken(key, this.claims(changes), header)
  }

  answerKeys(answer: IssuerAnswer): void {
    this.answers.set(KEYS, answer)
  }

  answerDiscovery(answer: IssuerAnswer): void {
    this.answers.set(DISCOVERY, answer)
  }

  /** From now on nobody answers, at either address. */
  fall(): void {
    this.answerKeys(() => 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n')
    this.answerDiscovery(() => 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n')
  }

  rise(): void {
    this.answers.clear()
  }

  discovery(changes: object = {}): string {
    return ok(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}${KEYS}`, ...changes }))
  }

  answer(target: string): string | undefined {
    this.asked.push(target)
    const written = this.answers.get(target)
    if (written !== undefined) return written()
    if (target === DISCOVERY) return this.discovery()
    if (target === KEYS) return ok(keySetOf(...this.keys))
    return 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
  }
}

export interface IssuerOptions {
  readonly keys?: readonly TestKey[]
  /** Whose time its tokens tell; default: now. */
  readonly epochMs?: () => number
}

export async function startIssuer(t: TestContext, options: IssuerOptions = {}): Promise<Issuer> {
  const issuer = new Issuer(options.keys ?? [testKey()], options.epochMs ?? (() => Date.now()))
  issuer.origin = await startOrigin(t, async (connection) => {
    while (await connection.stream.more()) {
      const answer = issuer.answer((await connection.request()).target)
      if (answer !== undefined) connection.send(answer)
    }
  })
  return issuer
}
