/**
 * `x-amazon-apigateway-authorizer` of a security scheme: who decides whether a call may pass. The name of the scheme is
 * the name of the authorizer.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
 */

import type { Authorizer } from '@aws-sdk/client-apigatewayv2'
import { findIssuerProblem } from '../../domain/issuer.ts'
import { nearestName } from '../../expression/did-you-mean.ts'
import {
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { Finding } from '../document/problem-list.ts'
import { resourceIdOf } from './identifiers.ts'
import type { ImportRun } from './import-run.ts'
import { isVersion } from './integration-members.ts'
import { findFunctionUriProblem } from './resource-uri.ts'

const JWT_MEMBERS = ['type', 'identitySource', 'jwtConfiguration']
const REQUEST_MEMBERS = [
  'type',
  'identitySource',
  'authorizerUri',
  'authorizerCredentials',
  'authorizerPayloadFormatVersion',
  'authorizerResultTtlInSeconds',
  'enableSimpleResponses',
]
export const JWT_SOURCE = /^\$request\.(?:header|querystring)\.\S+$/
export const REQUEST_SOURCE = /^\$(?:request\.(?:header|querystring)|context|stageVariables)\.\S+$/
/** https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html */
export const TTL_SECONDS_MAX = 3600
const DISCOVERY = '/.well-known/openid-configuration'

/** Undefined, and told, where it cannot be what its author meant. */
export function readAuthorizer(
  run: ImportRun,
  name: string,
  scheme: LocatedValue,
): Authorizer | undefined {
  const node = run.read.object(memberOf(scheme, 'x-amazon-apigateway-authorizer'))
  if (node === undefined) return undefined
  const type = memberOf(node, 'type')
  const kind = typeof type?.value === 'string' ? type.value.toLowerCase() : undefined
  const AuthorizerId = resourceIdOf('authorizer', name, run.ids)
  if (kind === 'jwt') return { AuthorizerId, ...readJwt(run, node, scheme), Name: name }
  if (kind === 'request') return { AuthorizerId, ...readRequest(run, node), Name: name }
  run.problems.error(type?.pointer ?? node.pointer, {
    code: 'authorizer-type',
    message:
      type === undefined
        ? 'The authorizer has no type.'
        : `HTTP APIs have no authorizer of the type ${preview(type.value)}.`,
    mend: 'Write type: jwt, or type: request for a Lambda function.',
  })
  return undefined
}

function readJwt(
  run: ImportRun,
  node: LocatedObject,
  scheme: LocatedValue,
): Omit<Authorizer, 'Name'> {
  checkMembers(run, node, JWT_MEMBERS)
  const written = memberOf(node, 'jwtConfiguration')
  const configuration = run.read.object(written)
  const issuer = configuration && run.read.filled(memberOf(configuration, 'issuer'))
  const audience = configuration && readTexts(run, memberOf(configuration, 'audience'))
  if ((audience?.length ?? 0) > run.options.limits.audiencesPerAuthorizer) {
    run.problems.error(written!.pointer, AUDIENCES_TOO_MANY)
  }
  const found = issuer ?? issuerOf(scheme)
  if (found === undefined || findIssuerProblem(found) !== undefined) {
    run.problems.error(written?.pointer ?? node.pointer, ISSUER_MISSING)
  }
  const sources = readIdentitySources(run, node, JWT_SOURCE)
  if (sources?.length !== 1) {
    const place = memberOf(node, 'identitySource')?.pointer ?? node.pointer
    run.problems.error(place, ONE_SOURCE)
  }
  return {
    AuthorizerType: 'JWT',
    IdentitySource: sources,
    JwtConfiguration: {
      ...(audience === undefined ? {} : { Audience: audience }),
      Issuer: found,
    },
  }
}

/** A scheme of OpenID Connect names its issuer already. */
function issuerOf(scheme: LocatedValue): string | undefined {
  const url = memberOf(scheme, 'openIdConnectUrl')?.value
  if (typeof url !== 'string' || !url.endsWith(DISCOVERY)) return undefined
  return url.slice(0, -DISCOVERY.length)
}

function readRequest(run: ImportRun, node: LocatedObject): Omit<Authorizer, 'Name'> {
  checkMembers(run, node, REQUEST_MEMBERS)
  const written = memberOf(node, 'authorizerUri')
  const uri = run.read.filled(written)
  if (uri === undefined || !uri.includes(':lambda:path/') || findFunctionUriProblem(uri)) {
    run.problems.error(written?.pointer ?? node.pointer, URI_MISSING)
  }
  const sources = readIdentitySources(run, node, REQUEST_SOURCE)
  const ttl = readTtl(run, node, sources ?? [])
  const credentials = run.read.filled(memberOf(node, 'authorizerCredentials'))
  const payloadFormat = readPayloadFormat(run, node)
  const simple = run.read.boolean(memberOf(node, 'enableSimpleResponses'))
  if (simple === true && payloadFormat === '1.0') {
    run.problems.error(memberOf(node, 'enableSimpleResponses')!.pointer, SIMPLE)
  }
  return {
    ...(credentials === undefined ? {} : { AuthorizerCredentialsArn: credentials }),
    AuthorizerPayloadFormatVersion: payloadFormat,
    ...(ttl === undefined ? {} : { AuthorizerResultTtlInSeconds: ttl }),
    AuthorizerType: 'REQUEST',
    AuthorizerUri: uri,
    ...(simple === undefined ? {} : { EnableSimpleResponses: simple }),
    ...(sources === undefined ? {} : { IdentitySource: sources }),
  }
}

function readPayloadFormat(run: ImportRun, node: LocatedObject): string {
  const written = memberOf(node, 'authorizerPayloadFormatVersion')
  if (written !== undefined && isVersion(written, 2)) return '2.0'
  if (written !== undefined && isVersion(written, 1)) return '1.0'
  run.problems.error(written?.pointer ?? node.pointer, {
    code: 'authorizer-payload-format',
    message:
      written === undefined
        ? 'The authorizer does not say which payload format its function reads.'
        : `${preview(written.value)} is no payload format.`,
    mend: 'Write authorizerPayloadFormatVersion: "2.0", or "1.0".',
  })
  return '2.0'
}

/** Results are remembered by identity, so there has to be one. */
function readTtl(
  run: ImportRun,
  node: LocatedObject,
  sources: readonly string[],
): number | undefined {
  const written = memberOf(node, 'authorizerResultTtlInSeconds')
  const seconds = run.read.integer(written)
  if (seconds === undefined) return undefined
  if (seconds < 0 || seconds > TTL_SECONDS_MAX) {
    run.problems.error(written!.pointer, {
      code: 'authorizer-ttl',
      message: `Results are kept for ${seconds} seconds; it may be 0 to ${TTL_SECONDS_MAX}.`,
      mend: 'Change it; 0 asks the function every time.',
    })
  } else if (seconds > 0 && sources.length === 0) {
    run.problems.error(written!.pointer, TTL_WITHOUT_SOURCE)
  }
  return seconds
}

/** A text with commas, as API Gateway writes it, or a list. */
function readIdentitySources(
  run: ImportRun,
  node: LocatedObject,
  form: RegExp,
): string[] | undefined {
  const written = memberOf(node, 'identitySource')
  if (written === undefined) return undefined
  const texts = readTexts(run, written) ?? []
  const sources = texts
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '')
  const wrong = sources.find((source) => !form.test(source))
  if (wrong !== undefined) {
    run.problems.error(written.pointer, {
      code: 'authorizer-identity-source',
      message: `${preview(wrong)} is no place where this authorizer looks.`,
      mend: 'Write $request.header.NAME or $request.querystring.NAME.',
    })
  }
  return sources
}

/** One text, or a list of them. */
function readTexts(run: ImportRun, node: LocatedValue | undefined): string[] | undefined {
  if (node === undefined) return undefined
  const nodes = Array.isArray(node.value) ? run.read.list(node) : [node]
  return nodes?.map((each) => run.read.filled(each)).filter((text) => text !== undefined)
}

function checkMembers(run: ImportRun, node: LocatedObject, members: readonly string[]): void {
  for (const [name, member] of membersOf(node)) {
    if (members.includes(name)) continue
    const nearest = nearestName(name, members)
    run.problems.error(member.pointer, {
      code: 'authorizer-member-unknown',
      message: `An authorizer of this type and of an HTTP API has no member named ${preview(name)}.`,
      mend: nearest === undefined ? `It has ${members.join(', ')}.` : `Did you mean ${nearest}?`,
    })
  }
}

const ISSUER_MISSING: Finding = {
  code: 'authorizer-issuer',
  message: 'The JWT authorizer does not name an issuer whose tokens it takes.',
  mend: 'Write jwtConfiguration: { issuer: https://…, audience: […] }; http is for issuers on localhost only.',
}
const AUDIENCES_TOO_MANY: Finding = {
  code: 'authorizer-audiences',
  message: 'The authorizer has more audiences than it can have.',
  mend: 'Remove some, or raise --limit audiencesPerAuthorizer.',
}
const ONE_SOURCE: Finding = {
  code: 'authorizer-identity-source',
  message: 'A JWT authorizer finds the token in exactly one place.',
  mend: 'Write identitySource: $request.header.Authorization, or where else the token stands.',
}
const URI_MISSING: Finding = {
  code: 'authorizer-uri',
  message: 'The authorizer does not name a function that decides.',
  mend: 'Write authorizerUri: arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations.',
}
const SIMPLE: Finding = {
  code: 'authorizer-simple-responses',
  message: 'Functions answer with true or false in the payload format 2.0 only.',
  mend: 'Write authorizerPayloadFormatVersion: "2.0", or remove enableSimpleResponses.',
}
const TTL_WITHOUT_SOURCE: Finding = {
  code: 'authorizer-ttl',
  message: 'Results are to be kept, but nothing says by what callers are told apart.',
  mend: 'Write identitySource: $request.header.NAME, or set authorizerResultTtlInSeconds: 0.',
}
