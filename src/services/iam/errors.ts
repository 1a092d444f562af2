/** Errors of IAM that several operations have. */

import { ServiceError } from '../../aws/service-error.ts'

export function noSuch(message: string): ServiceError {
  return new ServiceError('NoSuchEntityException', message)
}

export function limitExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceededException', message)
}

export function invalidInput(message: string): ServiceError {
  return new ServiceError('InvalidInputException', message)
}
