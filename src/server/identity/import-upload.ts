/**
 * `PUT /{poolId}/user-import`: takes the file of an import of users, from whoever holds the address that the job gave out.
 *
 * The address proves itself (`services/cognito-idp/user-import-job.ts`), for one job and a short time. A second file stands
 * for the first, until the job starts.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock } from '../../base/clock.ts'
import {
  IMPORT_FILE_KIND,
  IMPORT_JOB_KIND,
  type ImportFile,
  type ImportJob,
} from '../../identity/user-import/import-job.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import type { Store } from '../../storage/store.ts'
import { type IdentityPlace, type IdentityRoute, sendJson } from './identity-port.ts'

export interface ImportUploadParts {
  readonly pools: UserPools
  readonly store: Store
  readonly bytesMax: number
}

interface Refusal {
  readonly status: number
  readonly message: string
}

export function importUpload(parts: ImportUploadParts): IdentityRoute {
  return {
    methods: ['PUT'],
    crossOrigin: false,
    handle: async (request, response, place) => {
      const refusal = await takeUpload(parts, request, place)
      if (refusal === undefined) sendJson(response, 200, {})
      else refuse(response, refusal)
    },
  }
}

async function takeUpload(
  parts: ImportUploadParts,
  request: IncomingMessage,
  place: IdentityPlace,
): Promise<Refusal | undefined> {
  const jobId = place.query.get('job') ?? ''
  if (!(await isProven(parts.pools, place, jobId))) return NOT_PROVEN
  const text = await readText(request, parts.bytesMax)
  if (typeof text !== 'string') return text
  return keep(parts.store, { place, jobId, text })
}

const NOT_PROVEN: Refusal = {
  status: 403,
  message: 'This address is not good, or its 15 minutes are over. Create another import job.',
}

async function isProven(
  pools: UserPools,
  { known, query }: IdentityPlace,
  jobId: string,
): Promise<boolean> {
  const until = query.get('until') ?? ''
  const proof = query.get('proof') ?? ''
  if (!/^\d{1,15}$/.test(until) || Number(until) <= systemClock.epochMs()) return false
  const sealer = await pools.sealer()
  const place = { purpose: 'user-import', of: known.pool.Id } as const
  return sealer.macEquals(place, `${jobId} ${until}`, proof)
}

async function readText(request: IncomingMessage, bytesMax: number): Promise<string | Refusal> {
  const tooLarge = { status: 413, message: `A file has at most ${bytesMax} bytes.` }
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return tooLarge
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > bytesMax) return tooLarge
      chunks.push(chunk)
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    return { status: 400, message: 'The file is not whole, or not UTF-8.' }
  }
}

function keep(
  store: Store,
  upload: { readonly place: IdentityPlace; readonly jobId: string; readonly text: string },
): Promise<Refusal | undefined> {
  const { place, jobId: id, text } = upload
  const { scope, pool } = place.known
  return store.write(async (transaction) => {
    const records = transaction.in(scope)
    const job = await records.get<ImportJob>({ kind: IMPORT_JOB_KIND, parent: pool.Id, id })
    if (job === undefined) return { status: 404, message: 'There is no such import job.' }
    if (job.body.status !== 'Created') return { status: 409, message: 'The job has started.' }
    const file: ImportFile = { text }
    await records.put({ kind: IMPORT_FILE_KIND, parent: pool.Id, id }, file)
    return undefined
  })
}

function refuse(response: ServerResponse, { status, message }: Refusal): void {
  sendJson(response, status, { message })
}
