/**
 * URIs of integrations: what a definition may write as the address of an origin.
 *
 * The scheme is written out, path variables stand in the path only (never in the host, or a client could choose where
 * its request goes), and stage variables are there and leave a valid address.
 */

import {
  type InterpolatedText,
  interpolateStageVariables,
} from '../../expression/stage-variables.ts'
import { preview } from '../document/preview.ts'
import type { Finding } from '../document/problem-list.ts'

const URI = /^(https?):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/is
/** AWS: an integration URI. */
const CHARACTERS_MAX = 2048
/** RFC 3986 §2, and the braces of variables. */
const CHARACTERS = /^(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=[\]{}]|%[0-9A-Fa-f]{2})*$/
const UNKNOWN_AUTHORITY =
  /^(https?:\/\/)[^/?#@{}]*(?:\{stageVariables\.[A-Za-z0-9_]+\}[^/?#@{}]*)+/i
const STAGE_VARIABLE = /\$\{stageVariables\.[A-Za-z0-9_]+\}/g

/**
 * What is wrong with a URI, whatever route uses it; undefined when nothing is. Without stage variables, because the
 * stage is not known, any of them may be there and have a value that fits.
 */
export function findUriProblem(
  uri: string,
  stageVariables: Readonly<Record<string, string>> | undefined,
): Finding | undefined {
  if (/^arn:/i.test(uri)) return ARN
  if (uri.length > CHARACTERS_MAX) return TOO_LONG
  if (!/^https?:\/\//i.test(uri)) return relative(uri)
  const { text, missing } = fillIn(uri, stageVariables)
  if (missing.length > 0) return missingVariable(missing[0]!)
  const stray = /\$\{[^}]*\}?/.exec(text)
  if (stray !== null) return strayExpression(stray[0])
  return findPartProblem(text)
}

function fillIn(
  uri: string,
  stageVariables: Readonly<Record<string, string>> | undefined,
): InterpolatedText {
  if (stageVariables !== undefined) return interpolateStageVariables(uri, stageVariables)
  // A host or port that nobody knows yet cannot be judged; the rest can.
  const known = uri.replace(UNKNOWN_AUTHORITY, '$1unknown.invalid')
  return { text: known.replace(STAGE_VARIABLE, 'unknown'), missing: [] }
}

/** Names of the path variables in a valid URI. */
export function uriVariablesOf(uri: string): string[] {
  const names = uri.replace(STAGE_VARIABLE, '').matchAll(/\{([^{}]+)\}/g)
  return [...names].map((found) => found[1]!)
}

function findPartProblem(text: string): Finding | undefined {
  const [, scheme = '', authority = '', path = '', query = '', fragment = ''] = URI.exec(text) ?? []
  if (authority.includes('@')) return CREDENTIALS
  if (/[{}]/.test(authority)) return VARIABLE_HOST
  if (authority === '' || URL.parse(`${scheme}://${authority}/`) === null) return noHost(authority)
  if (fragment !== '') return invalid('An integration URI has no fragment (#).', 'Remove it.')
  if (/[{}]/.test(query)) return VARIABLE_QUERY
  if (!CHARACTERS.test(path + query)) return CHARACTER
  return findBraceProblem(path)
}

function findBraceProblem(path: string): Finding | undefined {
  const greedy = /\{([^{}]*)\+\}/.exec(path)
  if (greedy !== null) {
    return invalid(
      `In a URI the greedy variable is written without its plus: {${greedy[1]}}.`,
      `Write {${greedy[1]}} instead of ${greedy[0]}.`,
    )
  }
  if (!/[{}]/.test(path.replace(/\{[A-Za-z0-9_.:-]+\}/g, ''))) return undefined
  return invalid('The braces of a variable do not match.', 'Write {name} for each path variable.')
}

const ARN: Finding = {
  code: 'uri-arn',
  message: 'The integration names an AWS resource, which Postern cannot call yet.',
  mend: 'Write the http or https address of the service itself.',
}
const TOO_LONG: Finding = {
  code: 'uri-too-long',
  message: `The integration URI has more than ${CHARACTERS_MAX} characters.`,
  mend: 'Shorten it.',
}
const CREDENTIALS: Finding = {
  code: 'uri-credentials',
  message: 'The integration URI holds a user name or password.',
  mend: 'Remove it; send what the origin needs as a header through requestParameters.',
}
const VARIABLE_HOST: Finding = {
  code: 'uri-variable-host',
  message: 'The host of an integration cannot come from the path of the request.',
  mend: `Write the host out, or take it from a stage variable: https://\${stageVariables.host}/.`,
}
const VARIABLE_QUERY: Finding = {
  code: 'uri-variable-query',
  message: 'Path variables are not replaced in the query of an integration URI.',
  mend: 'Map it: requestParameters: { "append:querystring.id": "$request.path.id" }.',
}
const CHARACTER: Finding = {
  code: 'uri-invalid',
  message: 'The integration URI holds a character that cannot be sent as it is.',
  mend: 'Write spaces and other such characters percent-encoded (%20).',
}

function relative(uri: string): Finding {
  const message = /^\$\{/.test(uri)
    ? 'The scheme of an integration URI cannot come from a variable.'
    : `${preview(uri.slice(0, 80))} is not an absolute http or https URI.`
  return invalid(message, 'Begin it with http:// or https:// and the host.')
}

function missingVariable(name: string): Finding {
  return {
    code: 'stage-variable-missing',
    message: `The URI uses the stage variable ${name}, which the stage does not have.`,
    mend: `Add ${name} under x-postern-stage-variables at the root.`,
  }
}

function strayExpression(expression: string): Finding {
  return {
    code: 'uri-expression',
    message: `${expression.slice(0, 80)} is not replaced in an integration URI.`,
    mend: `Only \${stageVariables.name} and {pathVariable} are; fill in templates before the import.`,
  }
}

function noHost(authority: string): Finding {
  return invalid(
    authority === ''
      ? 'The integration URI has no host.'
      : `${preview(authority)} is not a host with an optional port.`,
    'Write http://host:port/path.',
  )
}

function invalid(message: string, mend: string): Finding {
  return { code: 'uri-invalid', message, mend }
}
