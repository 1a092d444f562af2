/**
 * Who may call an operation. Postern enforces none of it yet, so every requirement is an error unless the author says
 * with `x-postern-security: origin` that the origin itself checks its callers. Authorizers of API Gateway are the
 * gateway's own work and are refused in any case: nothing that was closed on AWS is open here.
 */

import {
  isObject,
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { ImportRun } from './import-run.ts'
import { resolve } from './references.ts'

const AUTHORIZER_MARKS = ['x-amazon-apigateway-authorizer', 'x-amazon-apigateway-authtype']

export class SecurityCheck {
  readonly #run: ImportRun
  /** Schemes that stand for an authorizer, about which has been told. */
  readonly #authorizers = new Set<string>()
  readonly #originChecks: boolean
  #rootIsChecked = false

  constructor(run: ImportRun) {
    this.#run = run
    this.#originChecks = this.#saysOrigin(run.root)
    this.#refuseAuthorizers()
  }

  checkOperation(operation: LocatedObject): void {
    this.#refuseIam(operation)
    const originChecks = this.#saysOrigin(operation) || this.#originChecks
    const own = memberOf(operation, 'security')
    if (own !== undefined) this.#checkRequirements(own, originChecks)
    else if (!originChecks) this.#checkRoot()
  }

  /** One requirement for the whole API is one error, however many operations inherit it. */
  #checkRoot(): void {
    const inherited = memberOf(this.#run.root, 'security')
    if (inherited === undefined || this.#rootIsChecked) return
    this.#rootIsChecked = true
    this.#checkRequirements(inherited, this.#originChecks)
  }

  #checkRequirements(node: LocatedValue, originChecks: boolean): void {
    const requirements = (this.#run.read.list(node) ?? []).map((each) =>
      this.#run.read.object(each),
    )
    const schemes = requirements.map((each) => Object.keys(each?.value ?? {}))
    // An empty list, or an empty alternative, says that anybody may call.
    if (originChecks || schemes.every((names) => names.length === 0)) return
    if (requirements.some((each) => each !== undefined && Object.keys(each.value).length === 0))
      return
    const names = [...new Set(schemes.flat())].filter((name) => !this.#authorizers.has(name))
    if (names.length === 0) return
    this.#run.problems.error(node.pointer, {
      code: 'security-unenforced',
      message: `Callers must satisfy ${names.join(', ')}, which Postern does not check yet.`,
      mend: 'Write x-postern-security: origin (here or at the root) if the origin checks it itself, or security: [] to open it.',
    })
  }

  #refuseAuthorizers(): void {
    const components = memberOf(this.#run.root, 'components')
    const schemes = components && memberOf(components, 'securitySchemes')
    if (schemes === undefined || !isObject(schemes.value)) return
    for (const [name, node] of membersOf({ value: schemes.value, pointer: schemes.pointer })) {
      const scheme = resolve(this.#run, node)
      const mark = scheme && AUTHORIZER_MARKS.find((each) => memberOf(scheme, each) !== undefined)
      if (mark !== undefined) this.#refuseAuthorizer(name, memberOf(scheme!, mark)!)
    }
  }

  #refuseAuthorizer(name: string, mark: LocatedValue): void {
    this.#authorizers.add(name)
    this.#run.problems.error(mark.pointer, {
      code: 'authorizer-unsupported',
      message: `The authorizer ${name} is not enforced yet: its routes would be open to everybody.`,
      mend: 'Keep this API on AWS for now, or remove the authorizer and let the origin check its callers.',
    })
  }

  #refuseIam(operation: LocatedObject): void {
    const auth = this.#run.read.object(memberOf(operation, 'x-amazon-apigateway-auth'))
    const type = auth && memberOf(auth, 'type')
    if (auth === undefined || /^none$/i.test(String(type?.value))) return
    this.#run.problems.error(auth.pointer, {
      code: 'authorizer-unsupported',
      message: `Authorization ${preview(type?.value ?? null)} is not enforced yet: this route would be open.`,
      mend: 'Write type: NONE, and let the origin check its callers.',
    })
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
