/**
 * Who may call an operation. Requirements of OpenAPI that name no authorizer of API Gateway are an error unless the
 * author says with `x-postern-security: origin` that the origin itself checks its callers. Authorizers of API Gateway and
 * IAM are the gateway's own work: they are read where a definition is imported. Where it is to be enforced, JWT
 * authorizers and IAM are, and functions are refused, because Postern does not ask them yet. Nothing that was closed on
 * AWS is open here.
 */

import type { AuthorizationType, Authorizer } from '@aws-sdk/client-apigatewayv2'
import {
  isObject,
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { Finding } from '../document/problem-list.ts'
import { readAuthorizer } from './authorizers.ts'
import type { ImportRun } from './import-run.ts'
import { findAudienceProblem } from './jwt-authorizer.ts'
import { resolve } from './references.ts'

const AUTHORIZER = 'x-amazon-apigateway-authorizer'
const AUTHTYPE = 'x-amazon-apigateway-authtype'

/** Members of a route. */
export interface RouteAuthorization {
  readonly AuthorizationType: AuthorizationType
  readonly AuthorizerId?: string
  readonly AuthorizationScopes?: string[]
}

/** A scheme that stands for work of the gateway. `refused`: told already. */
type GatewayScheme = Authorizer | 'iam' | 'refused'

const OPEN: RouteAuthorization = { AuthorizationType: 'NONE' }
const IAM: RouteAuthorization = { AuthorizationType: 'AWS_IAM' }

export class SecurityReader {
  readonly #run: ImportRun
  readonly #schemes = new Map<string, GatewayScheme>()
  readonly #originChecks: boolean
  /** By whether the origin checks callers: what operations without a word of their own inherit. */
  readonly #inherited = new Map<boolean, RouteAuthorization>()

  constructor(run: ImportRun) {
    this.#run = run
    this.#originChecks = this.#saysOrigin(run.root)
    this.#readSchemes()
  }

  readFor(operation: LocatedObject): RouteAuthorization {
    const isIam = this.#readIam(operation)
    const originChecks = this.#saysOrigin(operation) || this.#originChecks
    const own = memberOf(operation, 'security')
    const required =
      own === undefined
        ? this.#inherit(originChecks)
        : this.#readRequirements(this.#run.read.list(own) ?? [], own, originChecks)
    if (!isIam) return required
    if (required.AuthorizerId !== undefined) {
      this.#run.problems.error(operation.pointer, SEVERAL)
    }
    return IAM
  }

  authorizers(): readonly Authorizer[] {
    return [...this.#schemes.values()].filter((scheme) => typeof scheme === 'object')
  }

  /** One requirement for the whole API is one error, however many operations inherit it. */
  #inherit(originChecks: boolean): RouteAuthorization {
    const known = this.#inherited.get(originChecks)
    if (known !== undefined) return known
    const root = memberOf(this.#run.root, 'security')
    const found =
      root === undefined
        ? OPEN
        : this.#readRequirements(this.#run.read.list(root) ?? [], root, originChecks)
    this.#inherited.set(originChecks, found)
    return found
  }

  #readRequirements(
    list: readonly LocatedValue[],
    node: LocatedValue,
    originChecks: boolean,
  ): RouteAuthorization {
    const requirements = list.map((each) => this.#run.read.object(each))
    const alternatives = requirements.filter((each) => each !== undefined)
    const guarded = alternatives.filter((each) => this.#gatewaySchemesOf(each).length > 0)
    if (guarded.length === 0) {
      // An empty list, or an empty alternative, says that anybody may call.
      if (alternatives.some((each) => Object.keys(each.value).length === 0)) return OPEN
      if (!originChecks) this.#refuseUnenforced(alternatives, node)
      return OPEN
    }
    if (guarded.some((each) => this.#isRefused(each))) {
      // They have been told; what stands beside them has not.
      if (!originChecks) this.#refuseUnenforced(alternatives, node)
      return OPEN
    }
    const [only] = guarded
    if (alternatives.length > 1 || this.#gatewaySchemesOf(only!).length > 1) {
      this.#run.problems.error(node.pointer, SEVERAL)
      return OPEN
    }
    if (!originChecks) this.#refuseUnenforced(alternatives, node)
    return this.#authorizationOf(only!)
  }

  #gatewaySchemesOf(requirement: LocatedObject): string[] {
    return Object.keys(requirement.value).filter((name) => this.#schemes.has(name))
  }

  #isRefused(requirement: LocatedObject): boolean {
    return this.#gatewaySchemesOf(requirement).some((name) => this.#schemes.get(name) === 'refused')
  }

  #authorizationOf(requirement: LocatedObject): RouteAuthorization {
    const name = this.#gatewaySchemesOf(requirement)[0]!
    const scheme = this.#schemes.get(name)!
    if (scheme === 'refused') return OPEN
    const written = memberOf(requirement, name)
    const scopes = this.#run.read.strings(written) ?? []
    const isJwt = scheme !== 'iam' && scheme.AuthorizerType === 'JWT'
    if (scopes.length > 0 && !isJwt) this.#run.problems.error(written!.pointer, SCOPES)
    if (scopes.length > this.#run.options.limits.scopesPerRoute) {
      this.#run.problems.error(written!.pointer, SCOPES_TOO_MANY)
    }
    if (scheme === 'iam') return IAM
    return {
      ...(scopes.length === 0 ? {} : { AuthorizationScopes: scopes }),
      AuthorizationType: isJwt ? 'JWT' : 'CUSTOM',
      AuthorizerId: scheme.AuthorizerId!,
    }
  }

  #refuseUnenforced(alternatives: readonly LocatedObject[], node: LocatedValue): void {
    const schemes = new Set(alternatives.flatMap((each) => Object.keys(each.value)))
    const names = [...schemes].filter((name) => !this.#schemes.has(name))
    if (names.length === 0) return
    this.#run.problems.error(node.pointer, {
      code: 'security-unenforced',
      message: `Callers must satisfy ${names.join(', ')}, which Postern does not check yet.`,
      mend: 'Write x-postern-security: origin (here or at the root) if the origin checks it itself, or security: [] to open it.',
    })
  }

  #readSchemes(): void {
    const components = memberOf(this.#run.root, 'components')
    const schemes = components && memberOf(components, 'securitySchemes')
    if (schemes === undefined || !isObject(schemes.value)) return
    for (const [name, node] of membersOf({ value: schemes.value, pointer: schemes.pointer })) {
      const scheme = resolve(this.#run, node)
      const read = scheme && this.#readScheme(name, scheme)
      if (read !== undefined) this.#schemes.set(name, read)
    }
  }

  #readScheme(name: string, scheme: LocatedValue): GatewayScheme | undefined {
    const authorizer = memberOf(scheme, AUTHORIZER)
    const authtype = memberOf(scheme, AUTHTYPE)
    const mark = authorizer ?? authtype
    if (mark === undefined) return undefined
    const isEnforced = authorizer === undefined || isJwt(authorizer)
    if (this.#run.enforce === 'everything' && !isEnforced) {
      this.#run.problems.error(mark.pointer, {
        code: 'authorizer-unsupported',
        message: `The authorizer ${name} is not enforced yet: its routes would be open to everybody.`,
        mend: 'Keep this API on AWS for now, or remove the authorizer and let the origin check its callers.',
      })
      return 'refused'
    }
    if (authorizer !== undefined) return this.#readAuthorizer(name, scheme, authorizer)
    if (authtype!.value === 'awsSigv4') return 'iam'
    this.#run.problems.error(mark.pointer, AUTHTYPE_UNKNOWN)
    return 'refused'
  }

  #readAuthorizer(name: string, scheme: LocatedValue, mark: LocatedValue): GatewayScheme {
    const read = readAuthorizer(this.#run, name, scheme)
    if (read === undefined) return 'refused'
    const problem = findAudienceProblem(read)
    if (this.#run.enforce === 'nothing' || problem === undefined) return read
    this.#run.problems.error(mark.pointer, {
      code: 'authorizer-audience',
      message: `The authorizer ${name} ${problem}.`,
      mend: 'Write jwtConfiguration: { audience: […] } with the aud (or client_id) of the tokens.',
    })
    return 'refused'
  }

  #readIam(operation: LocatedObject): boolean {
    const auth = this.#run.read.object(memberOf(operation, 'x-amazon-apigateway-auth'))
    const type = auth && memberOf(auth, 'type')
    if (auth === undefined || /^none$/i.test(String(type?.value))) return false
    const isIam = /^aws_iam$/i.test(String(type?.value))
    if (isIam) return true
    this.#run.problems.error(auth.pointer, {
      code: 'authorizer-unsupported',
      message: `Authorization ${preview(type?.value ?? null)} is not enforced yet: this route would be open.`,
      mend: 'Write type: NONE, and let the origin check its callers.',
    })
    return false
  }

  #saysOrigin(node: LocatedValue): boolean {
    const said = memberOf(node, 'x-postern-security')
    if (said === undefined || said.value === 'origin') return said !== undefined
    this.#run.problems.error(said.pointer, {
      code: 'security-posture',
      message: `x-postern-security cannot be ${preview(said.value)}.`,
      mend: 'Write "origin": the origin itself checks its callers.',
    })
    return false
  }
}

function isJwt(authorizer: LocatedValue | undefined): boolean {
  const type = authorizer && isObject(authorizer.value) ? authorizer.value['type'] : undefined
  return typeof type === 'string' && type.toLowerCase() === 'jwt'
}

const SEVERAL: Finding = {
  code: 'authorizer-several',
  message: 'A route of an HTTP API has one authorizer, which cannot be optional.',
  mend: 'Keep one requirement with one authorizer, or let the function of a request authorizer decide between them.',
}
const SCOPES: Finding = {
  code: 'authorizer-scopes',
  message: 'Only JWT authorizers check scopes.',
  mend: 'Write an empty list.',
}
const SCOPES_TOO_MANY: Finding = {
  code: 'authorizer-scopes',
  message: 'The operation has more authorization scopes than a route can have.',
  mend: 'Remove some, or raise --limit scopesPerRoute.',
}
const AUTHTYPE_UNKNOWN: Finding = {
  code: 'authorizer-unsupported',
  message: 'HTTP APIs know the authorization type awsSigv4 only.',
  mend: 'Write awsSigv4 for IAM, or describe the authorizer with x-amazon-apigateway-authorizer.',
}
