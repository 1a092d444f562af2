/**
 * `x-amazon-apigateway-cors`: which browsers' pages may call the API.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */

import type { Cors } from '@aws-sdk/client-apigatewayv2'
import {
  CORS_LISTS,
  CORS_MAX_AGE,
  type CorsListName,
  type CorsListRule,
} from '../../domain/cors-rules.ts'
import { nearestName } from '../../expression/did-you-mean.ts'
import {
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { ImportRun } from './import-run.ts'

const MEMBERS = [
  'allowOrigins',
  'allowMethods',
  'allowHeaders',
  'exposeHeaders',
  'allowCredentials',
  'maxAge',
] as const

/** The members that are written, and what CreateApi gives where they are not. */
export function readCors(run: ImportRun): Cors | undefined {
  const cors = run.read.object(memberOf(run.root, 'x-amazon-apigateway-cors'))
  if (cors === undefined) return undefined
  checkMembers(run, cors)
  const configuration: Cors = {
    AllowCredentials: run.read.boolean(memberOf(cors, 'allowCredentials')) ?? false,
    AllowHeaders: readEntries(run, cors, 'allowHeaders'),
    AllowMethods: readEntries(run, cors, 'allowMethods'),
    AllowOrigins: readEntries(run, cors, 'allowOrigins'),
    ExposeHeaders: readEntries(run, cors, 'exposeHeaders'),
    MaxAge: readMaxAge(run, cors),
  }
  checkTogether(run, cors, configuration)
  const written = Object.entries(configuration).filter(([, value]) => value !== undefined)
  return Object.fromEntries(written)
}

function readEntries(
  run: ImportRun,
  cors: LocatedObject,
  member: CorsListName,
): string[] | undefined {
  const rule = CORS_LISTS[member]
  const list = run.read.list(memberOf(cors, member))
  if (list === undefined) return undefined
  const valid: string[] = []
  for (const node of list) {
    const entry = run.read.string(node)
    if (entry === undefined) continue
    if (rule.isValid(entry)) valid.push(entry)
    else report(run, node, { entry, rule })
  }
  return valid
}

function report(
  run: ImportRun,
  node: LocatedValue,
  { entry, rule }: { entry: string; rule: CorsListRule },
): void {
  run.problems.error(node.pointer, {
    code: 'cors-invalid',
    message: `${preview(entry)} is not ${rule.noun}.`,
    mend: rule.mend,
  })
}

function checkMembers(run: ImportRun, cors: LocatedObject): void {
  for (const [name, node] of membersOf(cors)) {
    if ((MEMBERS as readonly string[]).includes(name)) continue
    const nearest = nearestName(name, MEMBERS)
    run.problems.error(node.pointer, {
      code: 'cors-member-unknown',
      message: `CORS has no member named ${preview(name)}.`,
      mend: nearest === undefined ? `It has ${MEMBERS.join(', ')}.` : `Did you mean ${nearest}?`,
    })
  }
}

function readMaxAge(run: ImportRun, cors: LocatedObject): number | undefined {
  const node = memberOf(cors, 'maxAge')
  const seconds = run.read.integer(node)
  if (node === undefined || seconds === undefined) return undefined
  if (seconds >= CORS_MAX_AGE.least && seconds <= CORS_MAX_AGE.most) return seconds
  run.problems.error(node.pointer, {
    code: 'cors-max-age',
    message: `maxAge is ${seconds} seconds; it may be ${CORS_MAX_AGE.least} to ${CORS_MAX_AGE.most}.`,
    mend: 'Browsers keep the answer for two hours at most: 7200 is enough.',
  })
  return undefined
}

function checkTogether(run: ImportRun, cors: LocatedObject, read: Cors): void {
  const origins = read.AllowOrigins ?? []
  if (read.AllowCredentials === true && origins.includes('*')) {
    run.problems.error(memberOf(cors, 'allowOrigins')!.pointer, {
      code: 'cors-credentials-any-origin',
      message: 'Credentials are allowed for every origin; browsers refuse that, and so does AWS.',
      mend: 'Name the origins, or remove allowCredentials.',
    })
  }
  if (origins.length === 0 && !run.problems.hasErrors) {
    run.problems.warn(cors.pointer, {
      code: 'cors-no-origin',
      message: 'CORS is configured but allows no origin: every cross-origin call will fail.',
      mend: 'Add allowOrigins.',
    })
  }
  if (read.AllowCredentials === true) warnLiteralStars(run, cors, read)
}

/** https://fetch.spec.whatwg.org/#http-new-header-syntax: with credentials, `*` is a name and no wildcard. */
function warnLiteralStars(run: ImportRun, cors: LocatedObject, read: Cors): void {
  const lists = {
    allowMethods: read.AllowMethods,
    allowHeaders: read.AllowHeaders,
    exposeHeaders: read.ExposeHeaders,
  }
  for (const [member, list] of Object.entries(lists)) {
    if (list === undefined || !list.includes('*')) continue
    run.problems.warn(memberOf(cors, member)!.pointer, {
      code: 'cors-star-with-credentials',
      message: `Browsers do not take "*" in ${member} as a wildcard when credentials are allowed.`,
      mend: `List the names in ${member}.`,
    })
  }
}
