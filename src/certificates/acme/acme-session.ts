/**
 * The one file that knows the library `acme-client`: a session of an account with an ACME server (RFC 8555).
 *
 * The library signs and knows the shapes; what is sent goes through our own transport. It is loaded with the first
 * order, since it costs memory and most of a second.
 */

import { assert } from '../../base/assert.ts'
import { AcmeError, errorOf, readProblem } from './acme-problem.ts'
import type { AcmeTransport } from './acme-transport.ts'

interface SessionOptions {
  readonly directory: string
  /** PKCS #8, PEM. */
  readonly accountKey: string
  /** Undefined: not registered yet. */
  readonly accountUrl: string | undefined
  readonly externalAccount: ExternalAccount | undefined
  readonly transport: AcmeTransport
}

/** What an authority gives to customers whose accounts it knows (RFC 8555 §7.3.4). */
export interface ExternalAccount {
  readonly keyId: string
  /** base64url. */
  readonly hmacKey: string
}

export interface AcmeOrder {
  readonly url: string
  readonly status: string
  readonly authorizations: readonly string[]
  readonly finalize: string
  /** Why it is invalid. */
  readonly error: AcmeError | undefined
}

export interface AcmeAuthorization {
  readonly url: string
  readonly status: string
  readonly host: string
  readonly challenges: readonly OfferedChallenge[]
}

export interface OfferedChallenge {
  readonly type: string
  readonly url: string
  readonly token: string
  readonly error: AcmeError | undefined
}

export interface Registration {
  readonly contacts: readonly string[]
  readonly termsAgreed: boolean
}

export interface AcmeSession {
  /** The account's URL. An account that this key has already is found, not made. */
  register(registration: Registration): Promise<string>
  newOrder(hosts: readonly string[]): Promise<AcmeOrder>
  order(order: AcmeOrder): Promise<AcmeOrder>
  authorization(url: string): Promise<AcmeAuthorization>
  /** What proves that who answers has the account's key (RFC 8555 §8.1). */
  keyAuthorization(challenge: OfferedChallenge): Promise<string>
  /** Tells the server that it may look. */
  accept(challenge: OfferedChallenge): Promise<void>
  finalize(order: AcmeOrder, hosts: readonly string[], key: string): Promise<AcmeOrder>
  /** The certificate and its chain, PEM. */
  certificate(order: AcmeOrder): Promise<string>
  /** What TLS-ALPN-01 wants to see (RFC 8737 §3). */
  challengeCertificate(host: string, keyAuthorization: string): Promise<ChallengeCertificate>
}

/** PEM, both. */
interface ChallengeCertificate {
  readonly certificate: string
  readonly privateKey: string
}

type Library = typeof import('acme-client')
type Client = InstanceType<Library['Client']>
type Json = Readonly<Record<string, unknown>>

/** Parts of the library's client that its types leave out. */
interface Inside {
  readonly http: {
    request: (url: string, method: string, options?: { data?: unknown }) => Promise<unknown>
    readonly getDirectory: () => Promise<unknown>
    readonly maxBadNonceRetries: number
  }
  readonly api: { apiRequest(url: string, payload: null, statuses: number[]): Promise<Answer> }
}

interface Answer {
  readonly data: unknown
}

export async function openAcmeSession(options: SessionOptions): Promise<AcmeSession> {
  const library = await loadLibrary()
  const { directory: directoryUrl, accountKey, accountUrl, externalAccount, transport } = options
  const client = new library.Client({
    directoryUrl,
    accountKey,
    ...(accountUrl === undefined ? {} : { accountUrl }),
    ...(externalAccount === undefined
      ? {}
      : {
          externalAccountBinding: { kid: externalAccount.keyId, hmacKey: externalAccount.hmacKey },
        }),
  })
  const inside = client as unknown as Inside
  assert(typeof inside.http.request === 'function', 'the library sends by http.request')
  inside.http.request = (url, method, { data } = {}) => sendBy(transport, { url, method, data })
  return new LibrarySession(library, client, inside)
}

let loading: Promise<Library> | undefined

function loadLibrary(): Promise<Library> {
  loading ??= import('acme-client').then(({ default: library }) => {
    // Nothing goes around the transport, not even by mistake.
    library.axios.defaults.adapter = () => Promise.reject(new Error('the transport is not in use'))
    return library
  })
  return loading
}

function sendBy(
  transport: AcmeTransport,
  { url, method, data }: { url: string; method: string; data: unknown },
): Promise<unknown> {
  return transport.send({
    url,
    method: method.toUpperCase(),
    headers: data === undefined ? {} : { 'content-type': 'application/jose+json' },
    body: data === undefined ? undefined : JSON.stringify(data),
  })
}

class LibrarySession implements AcmeSession {
  readonly #library: Library
  readonly #client: Client
  readonly #inside: Inside

  constructor(library: Library, client: Client, inside: Inside) {
    this.#library = library
    this.#client = client
    this.#inside = inside
  }

  async register({ contacts, termsAgreed }: Registration): Promise<string> {
    const terms = await this.#checkDirectory()
    if (terms !== undefined && !termsAgreed) throw disagreed(terms)
    await this.#client.createAccount({
      ...(termsAgreed ? { termsOfServiceAgreed: true } : {}),
      ...(contacts.length === 0 ? {} : { contact: [...contacts] }),
    })
    return this.#client.getAccountUrl()
  }

  async newOrder(hosts: readonly string[]): Promise<AcmeOrder> {
    await this.#checkDirectory()
    const identifiers = hosts.map((value) => ({ type: 'dns', value }))
    const order = await this.#client.createOrder({ identifiers })
    return orderOf(order, order.url)
  }

  async order({ url }: AcmeOrder): Promise<AcmeOrder> {
    return orderOf(await this.#read(url), url)
  }

  async authorization(url: string): Promise<AcmeAuthorization> {
    const { status, identifier, challenges } = objectOf(await this.#read(url))
    return {
      url,
      status: textOf(status, 'status'),
      host: textOf(objectOf(identifier)['value'], 'identifier'),
      challenges: listOf(challenges).map(challengeOf),
    }
  }

  keyAuthorization(challenge: OfferedChallenge): Promise<string> {
    return this.#client.getChallengeKeyAuthorization(libraryChallenge(challenge))
  }

  async accept(challenge: OfferedChallenge): Promise<void> {
    await this.#client.completeChallenge(libraryChallenge(challenge))
  }

  async finalize(order: AcmeOrder, hosts: readonly string[], key: string): Promise<AcmeOrder> {
    const [, request] = await this.#library.crypto.createCsr({ altNames: [...hosts] }, key)
    const finalized = await this.#client.finalizeOrder(libraryOrder(order), request)
    return orderOf(finalized, order.url)
  }

  async certificate(order: AcmeOrder): Promise<string> {
    const { certificate } = objectOf(await this.#read(order.url))
    const chain = await this.#read(textOf(certificate, 'certificate'))
    return textOf(chain, 'certificate')
  }

  async challengeCertificate(
    host: string,
    keyAuthorization: string,
  ): Promise<ChallengeCertificate> {
    const { crypto } = this.#library
    const authorization = { identifier: { type: 'dns', value: host } }
    const [privateKey, certificate] = await crypto.createAlpnCertificate(
      authorization as Parameters<typeof crypto.createAlpnCertificate>[0],
      keyAuthorization,
      await crypto.createPrivateEcdsaKey(),
    )
    return { certificate: String(certificate), privateKey: String(privateKey) }
  }

  /** POST-as-GET (RFC 8555 §6.3). */
  async #read(url: string): Promise<unknown> {
    return (await this.#inside.api.apiRequest(url, null, [200])).data
  }

  /** The library believes whatever comes; a server that is none is named as that. Returns where its terms are. */
  async #checkDirectory(): Promise<string | undefined> {
    const directory = objectOf(await this.#inside.http.getDirectory())
    for (const name of ['newNonce', 'newAccount', 'newOrder']) textOf(directory[name], name)
    if (directory['meta'] === undefined) return undefined
    const { termsOfService } = objectOf(directory['meta'])
    return termsOfService === undefined ? undefined : textOf(termsOfService, 'termsOfService')
  }
}

function orderOf(data: unknown, url: string): AcmeOrder {
  const { status, authorizations, finalize, error } = objectOf(data)
  return {
    url: textOf(url, 'order'),
    status: textOf(status, 'status'),
    authorizations: listOf(authorizations).map((each) => textOf(each, 'authorization')),
    finalize: textOf(finalize, 'finalize'),
    error: faultOf(error),
  }
}

function challengeOf(data: unknown): OfferedChallenge {
  const { type, url, token, error } = objectOf(data)
  return {
    type: textOf(type, 'challenge type'),
    url: textOf(url, 'challenge'),
    // Some kinds of challenge have none.
    token: typeof token === 'string' ? token : '',
    error: faultOf(error),
  }
}

function faultOf(error: unknown): AcmeError | undefined {
  const problem = readProblem(error)
  return problem === undefined ? undefined : errorOf(problem)
}

function libraryChallenge({ type, url, token }: OfferedChallenge) {
  return { type, url, token, status: 'pending' } as Parameters<Client['completeChallenge']>[0]
}

function libraryOrder({ url, finalize }: AcmeOrder): Parameters<Client['finalizeOrder']>[0] {
  return { url, finalize, status: 'ready', identifiers: [], authorizations: [] }
}

const LIST_MAX = 200
const TEXT_CHARACTERS_MAX = 262_144

function objectOf(data: unknown): Json {
  if (typeof data !== 'object' || data === null) throw unreadable('an object')
  return data as Json
}

function listOf(data: unknown): readonly unknown[] {
  if (!Array.isArray(data) || data.length > LIST_MAX) throw unreadable('a list')
  return data
}

function textOf(data: unknown, what: string): string {
  if (typeof data === 'string' && data !== '' && data.length <= TEXT_CHARACTERS_MAX) return data
  throw unreadable(what)
}

function disagreed(terms: string): AcmeError {
  const address = URL.canParse(terms) ? new URL(terms).href : 'its terms of service'
  return new AcmeError(
    `the authority asks to agree to ${address}: read it, and start with --acme-terms-agreed`,
    { fault: 'account-refused' },
  )
}

function unreadable(what: string): AcmeError {
  return new AcmeError(`ACME server: ${what} is missing in its answer`, { fault: 'transient' })
}
