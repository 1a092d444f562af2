/** What the settings of an app client may be. */

import type { CreateUserPoolClientRequest } from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import { isLoopbackHost } from '../../base/loopback.ts'
import type { ResourceServerRecord } from '../../identity/user-pools/records.ts'
import { findValidityProblem } from '../../identity/user-pools/token-validity.ts'
import type { ReadContext } from '../service.ts'
import { invalid, isEmpty, refuseNotBuilt, requirePool } from './found.ts'

type ClientSettings = Omit<CreateUserPoolClientRequest, 'GenerateSecret' | 'ClientName'> & {
  readonly hasSecret: boolean
}

const STANDARD_SCOPES = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin']
/** The old names cannot stand beside the new ones. */
const OLD_FLOWS = ['ADMIN_NO_SRP_AUTH', 'CUSTOM_AUTH_FLOW_ONLY', 'USER_PASSWORD_AUTH']

/** Throws a ServiceError. */
export async function checkClientSettings(
  context: ReadContext,
  settings: ClientSettings,
): Promise<void> {
  refuseNotBuilt({
    'AnalyticsConfiguration: analytics': !isEmpty(settings.AnalyticsConfiguration),
    'SupportedIdentityProviders: an identity provider other than COGNITO': (
      settings.SupportedIdentityProviders ?? []
    ).some((provider) => provider !== 'COGNITO'),
    EnablePropagateAdditionalUserContextData:
      settings.EnablePropagateAdditionalUserContextData === true,
  })
  const flows = settings.ExplicitAuthFlows ?? []
  const old = flows.filter((flow) => OLD_FLOWS.includes(flow))
  if (old.length > 0 && old.length < flows.length) {
    throw invalid(
      `ExplicitAuthFlows: ${old[0]} cannot be used together with flows that begin with ALLOW_.`,
    )
  }
  const validity = findValidityProblem(settings)
  if (validity !== undefined) throw invalid(validity)
  checkRotation(settings)
  await checkAttributes(context, settings)
  checkFlows(settings)
  await checkScopes(context, settings)
}

/** A token that is used up at each use cannot be the one of a flow that gives it back unchanged. */
function checkRotation({ RefreshTokenRotation, ExplicitAuthFlows = [] }: ClientSettings): void {
  if (RefreshTokenRotation?.Feature !== 'ENABLED') return
  if (!ExplicitAuthFlows.includes('ALLOW_REFRESH_TOKEN_AUTH')) return
  throw invalid(
    'Refresh token rotation cannot be enabled with ALLOW_REFRESH_TOKEN_AUTH: clients then use GetTokensFromRefreshToken.',
  )
}

async function checkAttributes(context: ReadContext, settings: ClientSettings): Promise<void> {
  const { ReadAttributes = [], WriteAttributes = [] } = settings
  const { SchemaAttributes = [] } = await requirePool(context, settings.UserPoolId)
  const known = new Set(SchemaAttributes.map(({ Name }) => Name))
  for (const name of [...ReadAttributes, ...WriteAttributes]) {
    if (!known.has(name))
      throw invalid(`Invalid write attributes specified while creating a client: ${name}`)
  }
}

function checkFlows(settings: ClientSettings): void {
  const { AllowedOAuthFlows: flows = [], CallbackURLs = [], LogoutURLs = [] } = settings
  if (flows.includes('client_credentials')) {
    if (!settings.hasSecret)
      throw oauth(
        'client_credentials flow can not be selected if client does not have a client secret.',
      )
    if (flows.length > 1)
      throw oauth(
        'client_credentials flow can not be selected along with code flow or implicit flow.',
      )
  } else if (flows.length > 0 && CallbackURLs.length === 0) {
    throw oauth('code or implicit flow needs at least one callback URL.')
  }
  const { DefaultRedirectURI } = settings
  if (DefaultRedirectURI !== undefined && !CallbackURLs.includes(DefaultRedirectURI)) {
    throw invalid('DefaultRedirectURI must be one of the CallbackURLs.')
  }
  for (const address of [...CallbackURLs, ...LogoutURLs]) checkAddress(address)
}

function oauth(message: string): ServiceError {
  return new ServiceError('InvalidOAuthFlowException', message)
}

/** https, http on this machine, or the scheme of an app. */
function checkAddress(address: string): void {
  const url = URL.parse(address)
  const isAllowed =
    url !== null &&
    !address.includes('#') &&
    !/^(?:javascript|data|file|blob|vbscript|about):/i.test(address) &&
    (url.protocol !== 'http:' || isLoopbackHost(url.hostname))
  if (!isAllowed) throw invalid(`Invalid redirect URI: ${address.slice(0, 200)}`)
}

async function checkScopes(
  { records }: ReadContext,
  { UserPoolId = '', AllowedOAuthScopes = [] }: ClientSettings,
): Promise<void> {
  const custom = AllowedOAuthScopes.filter((scope) => !STANDARD_SCOPES.includes(scope))
  if (custom.length === 0) return
  const servers = await records.list<ResourceServerRecord>('user-pool-resource-server', UserPoolId)
  const known = new Set(
    servers.records.flatMap(({ body }) =>
      body.scopes.map(({ name }) => `${body.identifier}/${name}`),
    ),
  )
  const unknown = custom.find((scope) => !known.has(scope))
  if (unknown === undefined) return
  throw new ServiceError('ScopeDoesNotExistException', `Scope does not exist: ${unknown}`)
}
