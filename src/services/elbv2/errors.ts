/** Errors of Elastic Load Balancing that several operations have. */

import { ServiceError } from '../../aws/service-error.ts'

/** What a value may not be. */
export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message)
}

/** What AWS has and Postern does not do: refused, so that nobody relies on it. */
export function notSupported(what: string): ServiceError {
  return new ServiceError(
    'InvalidConfigurationRequestException',
    `${what} is not supported by this version of Postern`,
  )
}

export function notPermitted(message: string): ServiceError {
  return new ServiceError('OperationNotPermittedException', message)
}
