/**
 * What an authorizer of an HTTP API may be, looking at the whole of it: JWT with an issuer, or REQUEST with a function.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers-authorizerid.html
 */

import type { Authorizer } from '@aws-sdk/client-apigatewayv2'
import {
  JWT_SOURCE,
  REQUEST_SOURCE,
  TTL_SECONDS_MAX,
} from '../../definitions/open-api/authorizers.ts'
import { findFunctionUriProblem } from '../../definitions/open-api/resource-uri.ts'
import { findIssuerProblem } from '../../domain/issuer.ts'
import type { Limits } from '../../domain/limits.ts'
import { MappingError } from '../../expression/mapping/mapping-error.ts'
import { REQUEST_ROOTS } from '../../expression/mapping/references.ts'
import { compileValue } from '../../expression/mapping/value-expression.ts'

const CREDENTIALS = /^arn:[a-z-]+:iam::\d{12}:role\/\S+$/
const NAME_CHARACTERS_MAX = 128

/** The first fault; undefined when there is none. */
export function findAuthorizerProblem(authorizer: Authorizer, limits: Limits): string | undefined {
  const { Name: name = '' } = authorizer
  if (name === '') return 'Name must not be empty'
  if (name.length > NAME_CHARACTERS_MAX) {
    return `The name of an authorizer has at most ${NAME_CHARACTERS_MAX} characters`
  }
  return authorizer.AuthorizerType === 'JWT'
    ? findJwtProblem(authorizer, limits)
    : findRequestProblem(authorizer)
}

function findJwtProblem(authorizer: Authorizer, limits: Limits): string | undefined {
  const foreign = sayingOf({
    AuthorizerCredentialsArn: !!authorizer.AuthorizerCredentialsArn,
    AuthorizerPayloadFormatVersion: !!authorizer.AuthorizerPayloadFormatVersion,
    AuthorizerResultTtlInSeconds: !!authorizer.AuthorizerResultTtlInSeconds,
    AuthorizerUri: !!authorizer.AuthorizerUri,
    EnableSimpleResponses: authorizer.EnableSimpleResponses === true,
  })
  if (foreign !== undefined) return `${foreign} is for REQUEST authorizers, and this one is JWT`
  const sources = authorizer.IdentitySource ?? []
  if (sources.length !== 1) return 'A JWT authorizer has exactly one identity source'
  return findSourceProblem(sources, JWT_SOURCE) ?? findConfigurationProblem(authorizer, limits)
}

function findConfigurationProblem({ JwtConfiguration }: Authorizer, limits: Limits) {
  const { Issuer, Audience = [] } = JwtConfiguration ?? {}
  if (!Issuer) return 'JwtConfiguration.Issuer is required for JWT authorizers'
  const problem = findIssuerProblem(Issuer)
  if (problem !== undefined) return `Invalid issuer: ${Issuer}. It ${problem}`
  const most = limits.audiencesPerAuthorizer
  return Audience.length > most ? `A JWT authorizer has at most ${most} audiences` : undefined
}

function findRequestProblem(authorizer: Authorizer): string | undefined {
  const { AuthorizerUri: uri, AuthorizerCredentialsArn: credentials } = authorizer
  const foreign = sayingOf({
    JwtConfiguration: authorizer.JwtConfiguration !== undefined,
    IdentityValidationExpression: !!authorizer.IdentityValidationExpression,
  })
  if (foreign !== undefined) return `${foreign} is not supported for REQUEST authorizers`
  if (uri === undefined) return 'AuthorizerUri is required for REQUEST authorizers'
  if (!uri.includes(':lambda:path/') || findFunctionUriProblem(uri) !== undefined) {
    return `Invalid authorizer URI specified: ${uri}. ${AUTHORIZER_URI}`
  }
  if (credentials !== undefined && !CREDENTIALS.test(credentials)) {
    return `Invalid AuthorizerCredentialsArn specified: ${credentials}. It must be the ARN of an IAM role`
  }
  return findFormatProblem(authorizer) ?? findCacheProblem(authorizer)
}

function findFormatProblem(authorizer: Authorizer): string | undefined {
  const version = authorizer.AuthorizerPayloadFormatVersion
  if (version !== '1.0' && version !== '2.0') {
    return 'AuthorizerPayloadFormatVersion is required for REQUEST authorizers of HTTP APIs: 1.0 or 2.0'
  }
  if (authorizer.EnableSimpleResponses !== true || version === '2.0') return undefined
  return 'EnableSimpleResponses needs AuthorizerPayloadFormatVersion 2.0'
}

function findCacheProblem(authorizer: Authorizer): string | undefined {
  const { AuthorizerResultTtlInSeconds: ttl = 0, IdentitySource: sources = [] } = authorizer
  if (ttl < 0 || ttl > TTL_SECONDS_MAX) {
    return `AuthorizerResultTtlInSeconds must be from 0 to ${TTL_SECONDS_MAX}`
  }
  if (ttl > 0 && sources.length === 0) {
    return 'At least one identity source is required to cache the results of an authorizer (AuthorizerResultTtlInSeconds)'
  }
  return findSourceProblem(sources, REQUEST_SOURCE)
}

function findSourceProblem(sources: readonly string[], form: RegExp): string | undefined {
  for (const source of sources) {
    if (!form.test(source)) {
      return `Invalid identity source specified: ${source}. It must be like $request.header.Authorization`
    }
    try {
      compileValue(source, {
        key: source,
        target: 'query',
        stageVariables: {},
        roots: REQUEST_ROOTS,
      })
    } catch (error) {
      if (!(error instanceof MappingError)) throw error
      return `Invalid identity source specified: ${source}. ${error.message}. ${error.mend}`
    }
  }
  return undefined
}

/** The first member that is said. */
function sayingOf(members: Readonly<Record<string, boolean>>): string | undefined {
  return Object.entries(members).find(([, isSaid]) => isSaid)?.[0]
}

const AUTHORIZER_URI =
  'It must be arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations'
