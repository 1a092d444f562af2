/** A password that is shown: whose it is, after the same work whether there is such a user or not. */

import { isPassword } from '../../identity/user-pools/passwords.ts'
import type { FoundUser } from '../../identity/user-pools/users.ts'
import type { ClientCall } from './client-call.ts'
import { guarded } from './guarded.ts'
import { lookUp, requireNoReset, tellsExistence, unknownUser, wrongCredentials } from './who.ts'

/** The user whose password this is. An unknown user takes as long. */
export async function provePassword(
  call: ClientCall,
  name: string,
  password: string,
): Promise<FoundUser> {
  const found = await lookUp(call, name)
  return guarded(call, { name: found?.body.username ?? name }, async () => {
    if (found === undefined && tellsExistence(call)) throw unknownUser()
    requireNoReset(found)
    if (await isPassword(found?.body.password?.hash, password)) return found!
    throw wrongCredentials()
  })
}
