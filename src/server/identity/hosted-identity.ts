/**
 * The pages and OAuth endpoints of user pools, put together: codes and sessions in memory, pools over the store, operations
 * by the way that every public call takes.
 */

import { randomBytes, randomUUID } from 'node:crypto'
import { clientCodecOf } from '../../aws/protocols.ts'
import type { ServiceModel } from '../../aws/service-model.ts'
import { systemClock } from '../../base/clock.ts'
import type { Limits } from '../../domain/limits.ts'
import { FormGuard } from '../../identity/hosted-pages/form-guard.ts'
import { HostedSite } from '../../identity/hosted-pages/hosted-site.ts'
import { AuthorizationCodes, type SignedIn } from '../../identity/oauth/authorization-codes.ts'
import { ShortLived } from '../../identity/oauth/short-lived.ts'
import type { KnownPool } from '../../identity/user-pools/directory.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import type { HostedPoolParts } from '../../services/cognito-idp/hosted-parts.ts'
import { HostedSignIn } from '../../services/cognito-idp/hosted-sign-in.ts'
import { type ControlPlane, strangerProof } from '../../services/control-plane.ts'
import { contextFacts } from '../../services/write-calls.ts'
import { INSTALLATION } from '../../storage/store.ts'
import type { StoredApis } from '../stored-apis.ts'
import { hostedRoutes } from './hosted-routes.ts'
import type { IdentityPlace, IdentityRoutes } from './identity-port.ts'
import { importUpload } from './import-upload.ts'

export interface HostedIdentityParts {
  readonly pools: UserPools
  readonly model: ServiceModel
  readonly plane: Pick<ControlPlane, 'answer'>
  readonly apis: Pick<StoredApis, 'store' | 'writes' | 'callParts'>
  readonly limits: Limits
}

/** As long as Cognito's own. */
const SESSION_MS = 3_600_000
const SESSIONS_PER_USER = 20
const KEY_BYTES = 32

export function hostedIdentity(parts: HostedIdentityParts): IdentityRoutes {
  const { pools, apis, limits } = parts
  const nowMs = () => systemClock.epochMs()
  const codes = new AuthorizationCodes({ randomBytes, nowMs, countMax: limits.authorizationCodes })
  const site = new HostedSite({
    codes,
    sessions: new ShortLived<SignedIn>({
      ...{ randomBytes, nowMs, lifeMs: SESSION_MS },
      ...{ countMax: limits.hostedSessions, ownerMax: SESSIONS_PER_USER },
    }),
    // Forms that were given out before a restart are shown once more.
    guard: new FormGuard({ key: randomBytes(KEY_BYTES), randomBytes }),
    nowMs,
  })
  const routes = hostedRoutes({
    site,
    codes,
    poolAt: ({ known, sourceIp }) => new HostedSignIn(poolParts(parts, known, sourceIp)),
    baseAt: (place, host) => baseAt(pools, place, host),
    formBytesMax: limits.hostedFormBytes,
  })
  const upload = { pools, store: apis.store, bytesMax: limits.userImportBytes }
  return { ...routes, '/user-import': importUpload(upload) }
}

function poolParts(
  { pools, model, plane, apis }: HostedIdentityParts,
  known: KnownPool,
  sourceIp: string,
): HostedPoolParts {
  const { scope } = known
  const caller = { accountId: scope.accountId, accessKeyId: 'public', readOnly: false, sourceIp }
  const factsOf = (action: string) => ({
    ...{ scope, caller, requestId: randomUUID(), action: `cognito-idp:${action}` },
  })
  return {
    pools,
    known,
    now: apis.callParts.now,
    read: (work) => apis.store.read((reader) => work(reader.in(scope))),
    write: (action, work) => {
      return apis.writes.run(factsOf(action), (context) => work(context))
    },
    deciding: () => {
      const facts = contextFacts(factsOf('OAuth'), apis.callParts)
      return {
        ...facts,
        read: (work) =>
          apis.store.read((reader) => {
            const records = reader.in(scope)
            return work({ ...facts, records, installation: reader.in(INSTALLATION) })
          }),
      }
    },
    call: async (operation, input, from) => {
      const codec = clientCodecOf(model)
      const request = codec.encodeRequest(model, operation, input)
      const response = await plane.answer(request, strangerProof(randomUUID(), from))
      return codec.decodeResponse(model, operation, response)
    },
  }
}

/** A pool that was reached by a name of its own stays under it. */
function baseAt(
  pools: UserPools,
  { known, base }: IdentityPlace,
  host: string | undefined,
): string {
  const issuer = pools.issuerOf(known.pool.Id)
  return base === '' ? `${new URL(issuer).protocol}//${host}` : issuer
}
