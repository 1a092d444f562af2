/**
 * The identities of one document, looked up by what a request presents: an access key id and perhaps a session token.
 *
 * Policies are compiled when they are first needed, each once. Nothing here trusts the request: whether it is signed with
 * the secret that is returned is for the caller to check, before he looks at anything else of what is found.
 */

import type { IamDocument, IamIdentity, IamKey } from '../../domain/iam.ts'
import { compilePolicy } from '../iam-policy/compile-policy.ts'
import type { NamedPolicy } from '../iam-policy/evaluate.ts'
import { policyProblemText, readPolicy } from '../iam-policy/read-policy.ts'
import { type SessionClaims, SessionSeal } from './session-token.ts'
import type { Signer } from './signer.ts'

export interface FoundKey {
  readonly secretAccessKey: string
  /** The token that the request has, when it is one of this key. */
  readonly sessionToken?: string
  /** Why the key is good for nothing, although it exists. */
  readonly fault: 'inactive' | undefined
  readonly signer: Signer
}

/** Sessions whose tokens need not be opened again. */
const SESSIONS_MAX = 1_000

export class IamDirectory {
  readonly seal: SessionSeal | undefined
  readonly #document: IamDocument
  readonly #keys: ReadonlyMap<string, IamKey>
  readonly #identities: ReadonlyMap<string, IamIdentity>
  readonly #policies = new Map<string, NamedPolicy>()
  readonly #found = new Map<string, FoundKey>()
  readonly #sessions = new Map<string, FoundKey>()

  /** Throws when a policy is none: then nothing of the document may be used. */
  constructor(document: IamDocument) {
    const { sessionKey, keys, identities, policies } = document
    this.#document = document
    this.#keys = new Map(keys.map((key) => [key.accessKeyId, key]))
    this.#identities = new Map(identities.map((identity) => [identity.id, identity]))
    this.seal = sessionKey === '' ? undefined : new SessionSeal(sessionKey)
    for (const name of Object.keys(policies)) this.#policy(name)
  }

  /** Undefined: there is no such key, or the token is none of its. */
  find(accessKeyId: string, sessionToken: string | undefined): FoundKey | undefined {
    if (sessionToken === undefined) return this.#long(accessKeyId)
    // The token of a long-lived key is refused by who compares what is found with the request.
    if (this.#keys.has(accessKeyId)) return this.#long(accessKeyId)
    return this.#session(accessKeyId, sessionToken)
  }

  /** Of an account, by its name. */
  identity(kind: IamIdentity['kind'], accountId: string, name: string): IamIdentity | undefined {
    return this.#document.identities.find(
      (each) => each.kind === kind && each.accountId === accountId && each.name === name,
    )
  }

  /** A managed policy by its name in the document; undefined: there is none. */
  hasPolicy(name: string): boolean {
    return this.#policies.has(name)
  }

  #long(accessKeyId: string): FoundKey | undefined {
    const known = this.#found.get(accessKeyId)
    if (known !== undefined) return known
    const key = this.#keys.get(accessKeyId)
    const signer = key && this.#signerOf(key)
    if (key === undefined || signer === undefined) return undefined
    const { secretAccessKey, active } = key
    const found: FoundKey = { secretAccessKey, fault: active ? undefined : 'inactive', signer }
    this.#found.set(accessKeyId, found)
    return found
  }

  #signerOf({ accessKeyId, accountId, userId, readOnly }: IamKey): Signer | undefined {
    const facts = { accessKeyId, accountId, ...LASTING }
    if (userId === undefined) {
      const arn = `arn:aws:iam::${accountId}:root`
      const root = { arn, principalArn: arn, userId: accountId, userName: undefined }
      return {
        kind: 'root',
        ...facts,
        ...root,
        tags: {},
        policies: [],
        boundary: undefined,
        readOnly,
      }
    }
    const user = this.#identities.get(userId)
    return user && { kind: 'user', ...facts, ...this.#user(user) }
  }

  #user(user: IamIdentity) {
    const { arn, id, name, tags } = user
    const policies = user.policies.map((each) => this.#policy(each))
    const boundary = this.#boundary(user)
    const names = { arn, principalArn: arn, userId: id, userName: name }
    return { ...names, tags, policies, boundary, readOnly: false }
  }

  /** One that is not there any more allows nothing. */
  #boundary({ boundary }: IamIdentity): readonly NamedPolicy[] | undefined {
    if (boundary === undefined) return undefined
    return this.#policies.has(boundary) ? [this.#policy(boundary)] : []
  }

  #session(accessKeyId: string, token: string): FoundKey | undefined {
    const known = this.#sessions.get(token)
    if (known !== undefined) return known.signer.accessKeyId === accessKeyId ? known : undefined
    const claims = this.seal?.open(token)
    // A key id of another session: the secret would be another, too.
    if (claims === undefined || claims.key !== accessKeyId) return undefined
    const signer = this.#sessionSigner(claims)
    if (signer === undefined) return undefined
    const secretAccessKey = this.seal!.secretOf(accessKeyId)
    const found = { secretAccessKey, sessionToken: token, fault: undefined, signer }
    if (this.#sessions.size >= SESSIONS_MAX) {
      for (const oldest of this.#sessions.keys()) {
        this.#sessions.delete(oldest)
        break
      }
    }
    this.#sessions.set(token, found)
    return found
  }

  /** Undefined: the role or user is not there any more, though another may have its name. */
  #sessionSigner(claims: SessionClaims): Signer | undefined {
    const { key: accessKeyId, account: accountId, id, name, issuedMs, expiresMs } = claims
    const identity = this.#identities.get(id)
    if (identity === undefined || identity.accountId !== accountId) return undefined
    const facts = { accessKeyId, accountId, issuedMs, expiresMs }
    const sessionPolicies = this.#sessionPolicies(claims)
    if (identity.kind === 'user') {
      return { kind: 'user-session', ...this.#user(identity), ...facts, sessionPolicies }
    }
    return {
      ...this.#user(identity),
      ...facts,
      kind: 'role-session',
      arn: `arn:aws:sts::${accountId}:assumed-role/${identity.name}/${name}`,
      userId: `${id}:${name}`,
      userName: undefined,
      sessionPolicies,
    }
  }

  #sessionPolicies({ policy, policies }: SessionClaims): readonly NamedPolicy[] | undefined {
    if (policy === undefined && policies === undefined) return undefined
    // One that was deleted since allows nothing.
    const managed = (policies ?? []).filter((each) => this.#policies.has(each))
    const own = policy === undefined ? [] : [compiled('the policy of the session', policy)]
    return [...own, ...managed.map((each) => this.#policy(each))]
  }

  #policy(name: string): NamedPolicy {
    let policy = this.#policies.get(name)
    if (policy === undefined) {
      policy = compiled(name, this.#document.policies[name] ?? '')
      this.#policies.set(name, policy)
    }
    return policy
  }
}

const LASTING = { sessionPolicies: undefined, issuedMs: undefined, expiresMs: undefined }

function compiled(name: string, text: string): NamedPolicy {
  const read = readPolicy(text, 'identity')
  if ('problem' in read) throw new Error(`${name}: ${policyProblemText(read.problem)}`)
  return { name, statements: compilePolicy(read.document) }
}
