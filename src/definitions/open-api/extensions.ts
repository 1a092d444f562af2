/**
 * Every extension of OpenAPI that means something to API Gateway or Postern, with the place where it belongs and what
 * Postern does with it. An extension that is not in this table, or at another place, is an error: it would be a wish
 * that is silently not granted.
 */

import { nearestName } from '../../expression/did-you-mean.ts'
import { pointerTo } from '../document/json-pointer.ts'
import {
  isObject,
  type LocatedObject,
  type LocatedValue,
  memberOf,
} from '../document/located-value.ts'
import type { ImportRun } from './import-run.ts'
import { resolve } from './references.ts'

export type ExtensionPlace =
  | 'the root'
  | 'a server'
  | 'a tag'
  | 'a path item'
  | 'an operation'
  | 'components'
  | 'a security scheme'

interface Extension {
  readonly places: readonly ExtensionPlace[]
  /** `read`: a reader of its own; `ignored`: has no effect on requests; `refused`: not enforced yet. */
  readonly support: 'read' | 'ignored' | 'warned' | 'refused'
  /** What it is or, when it is not read, why not. */
  readonly description: string
  readonly mend?: string
}

const REST_ONLY = 'Remove it: API Gateway reads it for REST APIs only.'
const NOT_YET = 'Remove it, and let the origin do this until Postern does.'

export const EXTENSIONS: Readonly<Record<string, Extension>> = {
  'x-amazon-apigateway-any-method': read(['a path item'], 'The operation of the method ANY.'),
  'x-amazon-apigateway-api-key-source': refused(['the root'], 'API keys are not checked yet.'),
  'x-amazon-apigateway-auth': read(['an operation'], 'NONE or AWS_IAM, which is not enforced yet.'),
  'x-amazon-apigateway-authorizer': read(
    ['a security scheme'],
    'An authorizer; those of the type jwt are enforced, others not yet.',
  ),
  'x-amazon-apigateway-authtype': read(
    ['a security scheme'],
    'awsSigv4: IAM, which is not enforced yet.',
  ),
  'x-amazon-apigateway-binary-media-types': {
    places: ['the root'],
    support: 'warned',
    description:
      'HTTP APIs pass every body as the bytes it is, so a list of binary types has no effect.',
    mend: REST_ONLY,
  },
  'x-amazon-apigateway-cors': read(['the root'], 'CORS, answered by the gateway.'),
  'x-amazon-apigateway-documentation': ignored(['the root'], 'Documentation parts.'),
  'x-amazon-apigateway-endpoint-access-mode': refused(
    ['the root'],
    'The access mode is not enforced.',
    REST_ONLY,
  ),
  'x-amazon-apigateway-endpoint-configuration': read(
    ['the root', 'a server'],
    'disableExecuteApiEndpoint.',
  ),
  'x-amazon-apigateway-gateway-responses': refused(
    ['the root'],
    'Error bodies of HTTP APIs are fixed.',
    REST_ONLY,
  ),
  'x-amazon-apigateway-importexport-version': read(['the root'], '"1.0".'),
  'x-amazon-apigateway-integration': read(
    ['an operation'],
    'Where the requests of the operation go.',
  ),
  'x-amazon-apigateway-integrations': read(['components'], 'Integrations for several operations.'),
  'x-amazon-apigateway-minimum-compression-size': refused(
    ['the root'],
    'Responses are not compressed.',
    REST_ONLY,
  ),
  'x-amazon-apigateway-policy': refused(['the root'], 'Resource policies are not enforced yet.'),
  'x-amazon-apigateway-request-validator': refused(
    ['the root', 'an operation'],
    'Requests are not validated yet.',
  ),
  'x-amazon-apigateway-request-validators': refused(
    ['the root'],
    'Requests are not validated yet.',
  ),
  'x-amazon-apigateway-security-policy': refused(
    ['the root'],
    'The TLS policy is a setting of the server.',
  ),
  'x-amazon-apigateway-tag-value': read(['a tag'], 'Value of a tag of the API.'),
  'x-postern-api-id': read(
    ['the root'],
    'Ten characters a-z and 0-9; made from the title otherwise.',
  ),
  'x-postern-base-path': read(
    ['the root'],
    'ignore, prepend or split: what becomes of the base path.',
  ),
  'x-postern-detailed-metrics': read(['the root'], 'true: figures for each route in /metrics.'),
  'x-postern-disable-execute-api-endpoint': read(['the root'], 'true: only custom domains answer.'),
  'x-postern-limits': read(
    ['the root', 'an operation'],
    'How often each client may call: rate, burst, quota.',
  ),
  'x-postern-models': read(['components'], 'What schemas cannot say about models.'),
  'x-postern-security': read(
    ['the root', 'an operation'],
    '"origin": the origin itself checks callers.',
  ),
  'x-postern-stage': read(['the root'], 'Name of the stage; $default otherwise.'),
  'x-postern-stage-variables': read(['the root'], 'Stage variables: names and texts.'),
}

function read(places: readonly ExtensionPlace[], description: string): Extension {
  return { places, support: 'read', description }
}

function ignored(places: readonly ExtensionPlace[], description: string): Extension {
  return { places, support: 'ignored', description }
}

function refused(
  places: readonly ExtensionPlace[],
  description: string,
  mend = NOT_YET,
): Extension {
  return { places, support: 'refused', description, mend }
}

/** Extensions of the root and of the lists and maps right below it. */
export function checkRootExtensions(run: ImportRun): void {
  checkExtensions(run, run.root, 'the root')
  const servers = run.read.list(memberOf(run.root, 'servers')) ?? []
  for (const server of servers) checkExtensions(run, server, 'a server')
  const tags = run.read.list(memberOf(run.root, 'tags')) ?? []
  for (const tag of tags) checkExtensions(run, tag, 'a tag')
  const components = run.read.object(memberOf(run.root, 'components'))
  if (components !== undefined) checkComponents(run, components)
}

function checkComponents(run: ImportRun, components: LocatedObject): void {
  checkExtensions(run, components, 'components')
  const schemes = run.read.object(memberOf(components, 'securitySchemes'))
  for (const name of Object.keys(schemes?.value ?? {})) {
    const scheme = resolve(run, memberOf(schemes!, name)!)
    if (scheme !== undefined) checkExtensions(run, scheme, 'a security scheme')
  }
}

/** Reports every extension of one object that is unknown, misplaced or not supported. */
export function checkExtensions(run: ImportRun, node: LocatedValue, place: ExtensionPlace): void {
  if (!isObject(node.value)) return
  for (const name of Object.keys(node.value)) {
    if (isOurs(name)) checkExtension(run, pointerTo(node.pointer, name), { name, place })
  }
}

/** Reports an extension that stands where none of its kind is read. */
export function checkMisplaced(run: ImportRun, pointer: string, name: string): void {
  const extension = extensionOf(name)
  if (extension === undefined) {
    reportUnknown(run, pointer, name)
    return
  }
  run.problems.error(pointer, {
    code: 'extension-misplaced',
    message: `${name} has no effect here.`,
    mend: `Move it to ${extension.places.join(' or to ')}.`,
  })
}

/** Whether a key is, or seems to be meant as, an extension of API Gateway or Postern. */
export function isOurs(name: string): boolean {
  return /^x-(?:amazon-api-?gateway|postern)/i.test(name)
}

function checkExtension(
  run: ImportRun,
  pointer: string,
  { name, place }: { name: string; place: ExtensionPlace },
): void {
  const extension = extensionOf(name)
  if (extension === undefined || !extension.places.includes(place)) {
    checkMisplaced(run, pointer, name)
    return
  }
  const message = `${name}: ${extension.description}`
  const mend = extension.mend ?? ''
  if (extension.support === 'refused') {
    run.problems.error(pointer, { code: 'extension-unsupported', message, mend })
  } else if (extension.support === 'warned') {
    run.problems.warn(pointer, { code: 'extension-ignored', message, mend })
  }
}

function extensionOf(name: string): Extension | undefined {
  return Object.hasOwn(EXTENSIONS, name) ? EXTENSIONS[name] : undefined
}

function reportUnknown(run: ImportRun, pointer: string, name: string): void {
  const family = /^x-postern/i.test(name) ? 'x-postern-' : 'x-amazon-apigateway-'
  const suffixes = Object.keys(EXTENSIONS)
    .filter((known) => known.startsWith(family))
    .map((known) => known.slice(family.length))
  const suffix = name.replace(/^x-(?:amazon-api-?gateway|postern)[-_]?/i, '')
  const nearest = nearestName(suffix, suffixes)
  run.problems.error(pointer, {
    code: 'extension-unknown',
    message: `There is no extension named ${name}.`,
    mend: nearest === undefined ? 'Remove it.' : `Did you mean ${family}${nearest}?`,
  })
}
