/**
 * Imports of users from CSV, as operations: make a job, put its file up, start it, watch it.
 *
 * The address for the file is on the identity port and holds its own proof: sealed, for one job, good for 15 minutes. The
 * work itself is done by `identity/user-import/import-run.ts`, which follows the store.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
 */

import type {
  CreateUserImportJobRequest,
  DescribeUserImportJobRequest,
  GetCSVHeaderRequest,
  GetCSVHeaderResponse,
  ListUserImportJobsRequest,
  ListUserImportJobsResponse,
  UserImportJobType,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import {
  ENDED,
  IMPORT_FILE_KIND,
  IMPORT_JOB_KIND,
  type ImportJob,
  START_MS,
  UPLOAD_MS,
} from '../../identity/user-import/import-job.ts'
import { csvColumns } from '../../identity/user-import/user-csv.ts'
import type { UserPoolRecord } from '../../identity/user-pools/records.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { invalid, requirePool } from './found.ts'
import { listPage } from './paging.ts'

const ID_LENGTH = 10

interface JobAnswer {
  readonly UserImportJob: UserImportJobType
}

export function userImportOperations(pools: UserPools) {
  const shown = async (job: ImportJob, now: Date) => ({
    UserImportJob: await shownJob(pools, job, now),
  })
  return {
    GetCSVHeader: read<GetCSVHeaderRequest, GetCSVHeaderResponse>(async (request, context) => {
      const pool = await requirePool(context, request.UserPoolId)
      return { UserPoolId: pool.Id, CSVHeader: columnsOf(pool) }
    }),
    CreateUserImportJob: write<CreateUserImportJobRequest, JobAnswer>(async (request, context) =>
      shown(await createJob(request, context), context.now),
    ),
    DescribeUserImportJob: read<DescribeUserImportJobRequest, JobAnswer>(async (request, context) =>
      shown(await requireJob(request, context), context.now),
    ),
    ListUserImportJobs: read<ListUserImportJobsRequest, ListUserImportJobsResponse>(
      async (request, context) => {
        const { Id: parent } = await requirePool(context, request.UserPoolId)
        const { MaxResults: limit, PaginationToken: token } = request
        const place = { kind: IMPORT_JOB_KIND, parent, limit, token } as const
        const page = await listPage<ImportJob>(context, place)
        const jobs = page.records.map(({ body }) => shownJob(pools, body, context.now))
        const UserImportJobs = await Promise.all(jobs)
        return page.next === undefined
          ? { UserImportJobs }
          : { UserImportJobs, PaginationToken: page.next }
      },
    ),
    StartUserImportJob: write<DescribeUserImportJobRequest, JobAnswer>(async (request, context) =>
      shown(await startJob(request, context), context.now),
    ),
    StopUserImportJob: write<DescribeUserImportJobRequest, JobAnswer>(async (request, context) =>
      shown(await stopJob(request, context), context.now),
    ),
  }
}

export function columnsOf({ SchemaAttributes = [] }: UserPoolRecord): string[] {
  const names = SchemaAttributes.map(({ Name = '' }) => Name)
  return csvColumns(names.filter((name) => name.startsWith('custom:')))
}

export async function requireJob(
  { UserPoolId, JobId = '' }: DescribeUserImportJobRequest,
  context: ReadContext,
): Promise<ImportJob> {
  const { Id: parent } = await requirePool(context, UserPoolId)
  const found = await context.records.get<ImportJob>({ kind: IMPORT_JOB_KIND, parent, id: JobId })
  if (found !== undefined) return found.body
  throw new ServiceError('ResourceNotFoundException', `User import job ${JobId} does not exist.`)
}

async function createJob(
  request: CreateUserImportJobRequest,
  context: WriteContext,
): Promise<ImportJob> {
  const pool = await requirePool(context, request.UserPoolId)
  if (request.PasswordHashingAlgorithm !== undefined) {
    throw invalid('Imports of password hashes are not supported by this version of Postern.')
  }
  if ((pool.AutoVerifiedAttributes ?? []).length === 0) {
    throw new ServiceError(
      'PreconditionNotMetException',
      'The user pool must have at least one auto verified attribute.',
    )
  }
  const others = (await context.records.list<ImportJob>(IMPORT_JOB_KIND, pool.Id)).records
  if (others.length >= context.settings.limits.importJobsPerUserPool) {
    await dropOldest(
      context,
      others.map(({ body }) => body),
    )
  }
  const job: ImportJob = {
    jobId: `import-${context.newId(ID_LENGTH)}`,
    jobName: request.JobName ?? '',
    userPoolId: pool.Id,
    roleArn: request.CloudWatchLogsRoleArn ?? '',
    status: 'Created',
    createdAt: context.now.toISOString(),
    ...{ imported: 0, skipped: 0, failed: 0, done: 0, problems: [] },
  }
  await put(context, job)
  return job
}

async function dropOldest(context: WriteContext, jobs: readonly ImportJob[]): Promise<void> {
  const oldest = jobs.find(({ status }) => ENDED.includes(status) || status === 'Created')
  if (oldest === undefined) {
    throw new ServiceError('LimitExceededException', 'Too many user import jobs are under way.')
  }
  const { userPoolId: parent, jobId: id } = oldest
  await context.records.delete({ kind: IMPORT_JOB_KIND, parent, id })
  await context.records.delete({ kind: IMPORT_FILE_KIND, parent, id })
}

async function startJob(
  request: DescribeUserImportJobRequest,
  context: WriteContext,
): Promise<ImportJob> {
  const job = await requireJob(request, context)
  if (statusOf(job, context.now) !== 'Created') {
    throw new ServiceError(
      'PreconditionNotMetException',
      `The job is ${statusOf(job, context.now)}.`,
    )
  }
  const key = { kind: IMPORT_FILE_KIND, parent: job.userPoolId, id: job.jobId }
  if ((await context.records.get(key)) === undefined) {
    throw new ServiceError('PreconditionNotMetException', 'No file was put up for this job.')
  }
  const jobs = await context.records.list<ImportJob>(IMPORT_JOB_KIND, job.userPoolId)
  if (
    jobs.records.some(({ body }) => ['Pending', 'InProgress', 'Stopping'].includes(body.status))
  ) {
    throw new ServiceError(
      'PreconditionNotMetException',
      'Another import of this pool is under way.',
    )
  }
  const started: ImportJob = { ...job, status: 'Pending', startedAt: context.now.toISOString() }
  await put(context, started)
  return started
}

/** What is imported stays. */
async function stopJob(
  request: DescribeUserImportJobRequest,
  context: WriteContext,
): Promise<ImportJob> {
  const job = await requireJob(request, context)
  if (job.status !== 'Pending' && job.status !== 'InProgress') {
    throw new ServiceError(
      'PreconditionNotMetException',
      `The job is ${statusOf(job, context.now)}.`,
    )
  }
  const stopping: ImportJob = { ...job, status: 'Stopping' }
  await put(context, stopping)
  return stopping
}

function put(context: WriteContext, job: ImportJob): Promise<void> {
  return context.records.put({ kind: IMPORT_JOB_KIND, parent: job.userPoolId, id: job.jobId }, job)
}

function statusOf({ status, createdAt }: ImportJob, now: Date): ImportJob['status'] {
  const isOld = now.getTime() - Date.parse(createdAt) > START_MS
  return status === 'Created' && isOld ? 'Expired' : status
}

async function shownJob(pools: UserPools, job: ImportJob, now: Date): Promise<UserImportJobType> {
  const { startedAt, completedAt, message } = job
  return {
    JobName: job.jobName,
    JobId: job.jobId,
    UserPoolId: job.userPoolId,
    PreSignedUrl: await uploadUrl(pools, job),
    CreationDate: new Date(job.createdAt),
    ...(startedAt === undefined ? {} : { StartDate: new Date(startedAt) }),
    ...(completedAt === undefined ? {} : { CompletionDate: new Date(completedAt) }),
    Status: statusOf(job, now),
    CloudWatchLogsRoleArn: job.roleArn,
    ImportedUsers: job.imported,
    SkippedUsers: job.skipped,
    FailedUsers: job.failed,
    ...(message === undefined ? {} : { CompletionMessage: message }),
  }
}

async function uploadUrl(
  pools: UserPools,
  { userPoolId, jobId, createdAt }: ImportJob,
): Promise<string> {
  const sealer = await pools.sealer()
  const endsMs = Date.parse(createdAt) + UPLOAD_MS
  const proof = sealer.mac({ purpose: 'user-import', of: userPoolId }, `${jobId} ${endsMs}`)
  const query = new URLSearchParams({
    job: jobId,
    until: String(endsMs),
    proof: proof.toString('base64url'),
  })
  return `${pools.issuerOf(userPoolId)}/user-import?${query}`
}
