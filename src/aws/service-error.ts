/**
 * The errors of a management API: thrown anywhere in `services/`, caught in one place, written by the protocol codec.
 *
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html (the errors of each operation)
 */

export const SERVICE_ERRORS = {
  BadRequestException: 400,
  SerializationException: 400,
  ValidationException: 400,
  UnauthorizedException: 401,
  AccessDeniedException: 403,
  IncompleteSignatureException: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
  ExpiredTokenException: 403,
  NotFoundException: 404,
  UnknownOperationException: 404,
  ConflictException: 409,
  PayloadTooLargeException: 413,
  LimitExceededException: 429,
  TooManyRequestsException: 429,
  InternalServerException: 500,
  ServiceUnavailableException: 503,
} as const

export type ServiceErrorCode = keyof typeof SERVICE_ERRORS

/** Members of the error's body besides its message: `resourceType` of a NotFoundException. */
export type ServiceErrorDetails = Readonly<Record<string, string>>

export class ServiceError extends Error {
  override name = 'ServiceError'
  readonly code: ServiceErrorCode
  readonly details: ServiceErrorDetails
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ServiceErrorCode,
    message: string,
    details: ServiceErrorDetails = {},
    options: { readonly retryAfterSeconds?: number } = {},
  ) {
    super(message)
    this.code = code
    this.details = details
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  get status(): number {
    return SERVICE_ERRORS[this.code]
  }
}
