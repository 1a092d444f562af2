/**
 * `x-amazon-apigateway-cors`: which browsers' pages may call the API.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */

import type { CorsConfiguration } from '../../domain/http-api.ts'
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
const METHODS = new Set(['*', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(?:\*|[^\s/?#@*]+)$/i
const MAX_AGE_SECONDS = 86_400

export function readCors(run: ImportRun): CorsConfiguration | undefined {
  const cors = run.read.object(memberOf(run.root, 'x-amazon-apigateway-cors'))
  if (cors === undefined) return undefined
  checkMembers(run, cors)
  const allowCredentials = run.read.boolean(memberOf(cors, 'allowCredentials')) ?? false
  const maxAge = readMaxAge(run, cors)
  const configuration = {
    allowOrigins: readEntries(run, cors, ORIGINS),
    allowMethods: readEntries(run, cors, METHOD_NAMES),
    allowHeaders: readEntries(run, cors, HEADERS),
    exposeHeaders: readEntries(run, cors, EXPOSED_HEADERS),
    allowCredentials,
  }
  checkTogether(run, cors, configuration)
  return maxAge === undefined ? configuration : { ...configuration, maxAge }
}

interface Entries {
  readonly member: string
  isValid(entry: string): boolean
  readonly noun: string
  readonly mend: string
}

const ORIGINS: Entries = {
  member: 'allowOrigins',
  isValid: (entry) => entry === '*' || ORIGIN.test(entry),
  noun: 'an origin',
  mend: 'Write scheme, host and port without a slash at the end: https://shop.example, or "*".',
}
const METHOD_NAMES: Entries = {
  member: 'allowMethods',
  isValid: (entry) => METHODS.has(entry),
  noun: 'a method',
  mend: 'Write GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, in capitals, or "*".',
}
const HEADERS: Entries = {
  member: 'allowHeaders',
  isValid: (entry) => TOKEN.test(entry),
  noun: 'the name of a header',
  mend: 'Write one header name for each entry, or "*".',
}
const EXPOSED_HEADERS: Entries = { ...HEADERS, member: 'exposeHeaders' }

function readEntries(run: ImportRun, cors: LocatedObject, entries: Entries): string[] {
  const valid: string[] = []
  for (const node of run.read.list(memberOf(cors, entries.member)) ?? []) {
    const entry = run.read.string(node)
    if (entry === undefined) continue
    if (entries.isValid(entry)) valid.push(entry)
    else report(run, node, { entry, entries })
  }
  return valid
}

function report(
  run: ImportRun,
  node: LocatedValue,
  { entry, entries }: { entry: string; entries: Entries },
): void {
  run.problems.error(node.pointer, {
    code: 'cors-invalid',
    message: `${preview(entry)} is not ${entries.noun}.`,
    mend: entries.mend,
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
  if (seconds >= -1 && seconds <= MAX_AGE_SECONDS) return seconds
  run.problems.error(node.pointer, {
    code: 'cors-max-age',
    message: `maxAge is ${seconds} seconds; it may be -1 to ${MAX_AGE_SECONDS}.`,
    mend: 'Browsers keep the answer for two hours at most: 7200 is enough.',
  })
  return undefined
}

function checkTogether(run: ImportRun, cors: LocatedObject, read: CorsConfiguration): void {
  if (read.allowCredentials && read.allowOrigins.includes('*')) {
    run.problems.error(memberOf(cors, 'allowOrigins')!.pointer, {
      code: 'cors-credentials-any-origin',
      message: 'Credentials are allowed for every origin; browsers refuse that, and so does AWS.',
      mend: 'Name the origins, or remove allowCredentials.',
    })
  }
  if (read.allowOrigins.length === 0 && !run.problems.hasErrors) {
    run.problems.warn(cors.pointer, {
      code: 'cors-no-origin',
      message: 'CORS is configured but allows no origin: every cross-origin call will fail.',
      mend: 'Add allowOrigins.',
    })
  }
  if (read.allowCredentials) warnLiteralStars(run, cors, read)
}

/** https://fetch.spec.whatwg.org/#http-new-header-syntax: with credentials, `*` is a name and no wildcard. */
function warnLiteralStars(run: ImportRun, cors: LocatedObject, read: CorsConfiguration): void {
  for (const member of ['allowMethods', 'allowHeaders', 'exposeHeaders'] as const) {
    if (!read[member].includes('*')) continue
    run.problems.warn(memberOf(cors, member)!.pointer, {
      code: 'cors-star-with-credentials',
      message: `Browsers do not take "*" in ${member} as a wildcard when credentials are allowed.`,
      mend: `List the names in ${member}.`,
    })
  }
}
