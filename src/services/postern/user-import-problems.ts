/** Which lines of an import were not taken, and why; Cognito writes that to CloudWatch. */

import { ServiceError } from '../../aws/service-error.ts'
import {
  IMPORT_JOB_KIND,
  type ImportJob,
  type LineProblem,
} from '../../identity/user-import/import-job.ts'
import { read } from '../service.ts'

export interface ListUserImportProblemsRequest {
  readonly UserPoolId: string
  readonly JobId: string
}

export interface ListUserImportProblemsResponse {
  /** In the order of the file; of many, the first. */
  readonly Problems: readonly LineProblem[]
}

export const userImportProblemOperations = {
  ListUserImportProblems: read<ListUserImportProblemsRequest, ListUserImportProblemsResponse>(
    async ({ UserPoolId, JobId }, { records }) => {
      const key = { kind: IMPORT_JOB_KIND, parent: UserPoolId, id: JobId }
      const found = await records.get<ImportJob>(key)
      if (found !== undefined) return { Problems: found.body.problems }
      throw new ServiceError('NotFoundException', `There is no import ${JobId} of that pool.`)
    },
  ),
}
