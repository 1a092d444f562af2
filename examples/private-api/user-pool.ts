/**
 * The user pool, made with the ordinary SDK of Amazon Cognito: a resource server with two scopes, a client for people, a client
 * for a machine, and a user. Nothing here is Postern's; with other credentials and no endpoint it makes the same in AWS.
 */

import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  type CognitoIdentityProviderClient,
  CreateResourceServerCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  CreateUserPoolDomainCommand,
} from '@aws-sdk/client-cognito-identity-provider'

export interface MadePool {
  readonly poolId: string
  /** For people: no secret, signs in by SRP, by password, and on the hosted page. */
  readonly storefrontId: string
  /** For a machine: client credentials. */
  readonly reportingId: string
  readonly reportingSecret: string
}

export const USER = { name: 'ana', password: 'Ana-signs-in-42', email: 'ana@customer.example' }
export const DOMAIN = 'private-api'

export async function makePool(
  cognito: CognitoIdentityProviderClient,
  callbackUrl: string,
): Promise<MadePool> {
  const { UserPool } = await cognito.send(
    new CreateUserPoolCommand({
      PoolName: 'customers',
      AutoVerifiedAttributes: ['email'],
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    }),
  )
  const UserPoolId = UserPool!.Id!
  await cognito.send(new CreateUserPoolDomainCommand({ UserPoolId, Domain: DOMAIN }))
  await cognito.send(
    new CreateResourceServerCommand({
      ...{ UserPoolId, Identifier: 'orders', Name: 'Orders' },
      Scopes: [
        { ScopeName: 'read', ScopeDescription: 'Look at orders' },
        { ScopeName: 'write', ScopeDescription: 'Place orders' },
      ],
    }),
  )
  const storefront = await cognito.send(
    new CreateUserPoolClientCommand({
      ...{ UserPoolId, ClientName: 'storefront' },
      ExplicitAuthFlows: [
        ...(['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH'] as const),
        'ALLOW_REFRESH_TOKEN_AUTH',
      ],
      ...{ AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'] },
      AllowedOAuthScopes: ['openid', 'orders/read', 'orders/write'],
      ...{ CallbackURLs: [callbackUrl], SupportedIdentityProviders: ['COGNITO'] },
    }),
  )
  const reporting = await cognito.send(
    new CreateUserPoolClientCommand({
      ...{ UserPoolId, ClientName: 'reporting', GenerateSecret: true },
      ...{ AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['client_credentials'] },
      AllowedOAuthScopes: ['orders/read'],
    }),
  )
  await makeUser(cognito, UserPoolId)
  return {
    poolId: UserPoolId,
    storefrontId: storefront.UserPoolClient!.ClientId!,
    reportingId: reporting.UserPoolClient!.ClientId!,
    reportingSecret: reporting.UserPoolClient!.ClientSecret!,
  }
}

async function makeUser(cognito: CognitoIdentityProviderClient, UserPoolId: string): Promise<void> {
  const { name, password, email } = USER
  await cognito.send(
    new AdminCreateUserCommand({
      ...{ UserPoolId, Username: name, MessageAction: 'SUPPRESS' },
      UserAttributes: [
        { Name: 'email', Value: email },
        { Name: 'email_verified', Value: 'true' },
      ],
    }),
  )
  const done = { UserPoolId, Username: name, Password: password, Permanent: true }
  await cognito.send(new AdminSetUserPasswordCommand(done))
}
