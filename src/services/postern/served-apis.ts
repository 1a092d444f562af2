/** What is being served at this moment, as an operation. */

import { read } from '../service.ts'
import type { GetServedApisResponse } from './messages.ts'

export const servedApiOperations = {
  GetServedApis: read<object, GetServedApisResponse>(async (_request, { served }) => {
    const { revision, apis } = served()
    return { Revision: revision, Apis: apis }
  }),
}
