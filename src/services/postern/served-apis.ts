/** What is being served at this moment, as an operation. */

import type { ServedApi } from '../../domain/served-apis.ts'
import { read } from '../service.ts'

export interface GetServedApisResponse {
  readonly Revision: number
  readonly Apis: readonly ServedApi[]
}

export const servedApiOperations = {
  /** Those of the caller's account, in every region. */
  GetServedApis: read<object, GetServedApisResponse>(async (_request, { served, caller }) => {
    const { revision, apis } = served()
    return {
      Revision: revision,
      Apis: apis.filter(({ accountId }) => accountId === caller.accountId),
    }
  }),
}
