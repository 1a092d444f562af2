/**
 * The errors of a management API: thrown anywhere in `services/`, caught in one place, written by the protocol codec.
 *
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html (the errors of each operation)
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
 */

import type { ServiceModel } from './service-model.ts'

export const SERVICE_ERRORS = {
  BadRequestException: 400,
  InvalidInputException: 400,
  MalformedPolicyDocumentException: 400,
  PackedPolicyTooLargeException: 400,
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
  NoSuchEntityException: 404,
  ConflictException: 409,
  DeleteConflictException: 409,
  EntityAlreadyExistsException: 409,
  PayloadTooLargeException: 413,
  LimitExceededException: 429,
  TooManyRequestsException: 429,
  InternalServerException: 500,
  ServiceUnavailableException: 503,

  // Of user pools, all 400: the API reference says so, whatever the packages do.
  AliasExistsException: 400,
  CodeMismatchException: 400,
  EnableSoftwareTokenMFAException: 400,
  ExpiredCodeException: 400,
  GroupExistsException: 400,
  InvalidOAuthFlowException: 400,
  InvalidParameterException: 400,
  InvalidPasswordException: 400,
  NotAuthorizedException: 400,
  PasswordHistoryPolicyViolationException: 400,
  PasswordResetRequiredException: 400,
  RefreshTokenReuseException: 400,
  PreconditionNotMetException: 400,
  ResourceNotFoundException: 400,
  ScopeDoesNotExistException: 400,
  SoftwareTokenMFANotFoundException: 400,
  UnsupportedOperationException: 400,
  UnsupportedTokenTypeException: 400,
  UnsupportedUserStateException: 400,
  UserNotConfirmedException: 400,
  UserNotFoundException: 400,
  UsernameExistsException: 400,

  // Of certificates.
  InvalidArnException: 400,
  InvalidDomainValidationOptionsException: 400,
  InvalidStateException: 400,
  InvalidTagException: 400,
  RequestInProgressException: 400,
  ResourceInUseException: 400,
  TooManyTagsException: 400,
  // Of Elastic Load Balancing; on the wire without `Exception`.
  CertificateNotFoundException: 400,
  DuplicateListenerException: 400,
  DuplicateLoadBalancerNameException: 400,
  DuplicateTagKeysException: 400,
  DuplicateTargetGroupNameException: 400,
  HealthUnavailableException: 500,
  IncompatibleProtocolsException: 400,
  InvalidConfigurationRequestException: 400,
  InvalidLoadBalancerActionException: 400,
  InvalidTargetException: 400,
  ListenerNotFoundException: 400,
  LoadBalancerNotFoundException: 400,
  OperationNotPermittedException: 400,
  PriorityInUseException: 400,
  RuleNotFoundException: 400,
  SSLPolicyNotFoundException: 400,
  TargetGroupAssociationLimitException: 400,
  TargetGroupNotFoundException: 400,
  TooManyCertificatesException: 400,
  TooManyListenersException: 400,
  TooManyLoadBalancersException: 400,
  TooManyRulesException: 400,
  TooManyTargetGroupsException: 400,
  TooManyTargetsException: 400,
  UnsupportedProtocolException: 400,

  // Of Cloud Map.
  CustomHealthNotFound: 404,
  InstanceNotFound: 404,
  InvalidInput: 400,
  NamespaceAlreadyExists: 400,
  NamespaceNotFound: 404,
  OperationNotFound: 404,
  ResourceInUse: 409,
  ResourceLimitExceeded: 400,
  ServiceAlreadyExists: 400,
  ServiceAttributesLimitExceededException: 400,
  ServiceNotFound: 404,
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

/** The error that a service has for an input that it cannot take. */
export function inputErrorOf({ shapes }: Pick<ServiceModel, 'shapes'>): ServiceErrorCode {
  const own = [
    'ValidationException',
    'BadRequestException',
    'InvalidParameterException',
    'InvalidInput',
  ] as const
  return own.find((code) => Object.hasOwn(shapes, code)) ?? 'ValidationException'
}
