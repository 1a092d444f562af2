/**
 * `npm run -s example:sign-in [USER PASSWORD]`: signs in at the pool of the running example as a browser application
 * does, by Secure Remote Password with Amazon's own library, and prints the access token. The password does not leave here.
 */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js'
import type { Facts } from './facts.ts'

const data =
  process.env['POSTERN_DATA'] ?? resolve(import.meta.dirname, '../../.postern/private-api')
const facts = JSON.parse(readFileSync(join(data, 'example.json'), 'utf8')) as Facts
const [Username = facts.user.name, Password = facts.user.password] = process.argv.slice(2)

const Pool = new CognitoUserPool({
  ...{ UserPoolId: facts.poolId, ClientId: facts.storefrontId, endpoint: facts.identityUrl },
})
new CognitoUser({ Username, Pool }).authenticateUser(
  new AuthenticationDetails({ Username, Password }),
  {
    onSuccess: (session) => console.log(session.getAccessToken().getJwtToken()),
    onFailure: (error: Error) => {
      console.error(error.message)
      process.exitCode = 1
    },
  },
)
