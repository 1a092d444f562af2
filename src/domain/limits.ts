/**
 * Every limit, in one table: number, unit, source, and what happens beyond it.
 *
 * Two profiles: `aws` holds API Gateway's quotas for HTTP APIs
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html), `extended` relaxes what only
 * Amazon's operation needs. `docs/reference/limits.md` is made from this table.
 */

export interface Limit {
  readonly unit: 'bytes' | 'ms' | 'count' | 'seconds'
  readonly aws: number
  readonly extended: number
  /** What a client or an author sees beyond the limit. */
  readonly beyond: string
  readonly description: string
}

export const LIMITS = {
  requestHeadBytes: {
    unit: 'bytes',
    aws: 10_240,
    extended: 10_240,
    beyond: '431, or 414 when the request line alone is longer; connection closed',
    description: 'Request line and header fields together (AWS: 10 240).',
  },
  requestHeaderCount: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: '431; connection closed',
    description: 'Header fields of one request.',
  },
  requestBodyBytes: {
    unit: 'bytes',
    aws: 10_485_760,
    extended: 10_485_760,
    beyond:
      '413 before the body is read when its length is declared, else when the limit is crossed',
    description: 'Request body (AWS: 10 MB).',
  },
  responseBodyBytes: {
    unit: 'bytes',
    aws: 10_485_760,
    extended: Number.MAX_SAFE_INTEGER,
    beyond: '503 when the length is declared or the body is buffered; a streamed response is cut',
    description: 'Response body (AWS: 10 MB; extended: streamed without limit).',
  },
  bufferedBodyBytes: {
    unit: 'bytes',
    aws: 10_485_760,
    extended: 10_485_760,
    beyond: '413 for requests, 503 for responses',
    description: 'A body that a parameter mapping reads and that is therefore held in memory.',
  },
  responseHeadBytes: {
    unit: 'bytes',
    aws: 32_768,
    extended: 32_768,
    beyond: '503',
    description: "Status line and header fields of an integration's response.",
  },
  chunkHeadBytes: {
    unit: 'bytes',
    aws: 1_024,
    extended: 1_024,
    beyond: '400; connection closed',
    description: 'One chunk-size line with its extensions.',
  },
  chunkExtensionBytes: {
    unit: 'bytes',
    aws: 16_384,
    extended: 16_384,
    beyond: '400; connection closed',
    description: 'All chunk extensions of one body together.',
  },
  trailerBytes: {
    unit: 'bytes',
    aws: 8_192,
    extended: 8_192,
    beyond: '400; connection closed',
    description: 'The trailer section of one body.',
  },
  headTimeoutMs: {
    unit: 'ms',
    aws: 10_000,
    extended: 10_000,
    beyond: '408; connection closed',
    description: 'From the first byte of a request to the end of its head.',
  },
  bodyTimeoutMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 30_000,
    beyond: '408; connection closed',
    description: 'Between two reads of a request body.',
  },
  bodyBytesPerSecondMin: {
    unit: 'bytes',
    aws: 64,
    extended: 64,
    beyond: '408; connection closed',
    description:
      'Average rate below which a request body counts as stalled, after the first body timeout.',
  },
  writeTimeoutMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 30_000,
    beyond: 'connection closed',
    description: 'A response that the client does not read at all.',
  },
  keepAliveTimeoutMs: {
    unit: 'ms',
    aws: 75_000,
    extended: 75_000,
    beyond: 'connection closed',
    description: 'An idle client connection between two requests.',
  },
  halfClosedTimeoutMs: {
    unit: 'ms',
    aws: 10_000,
    extended: 10_000,
    beyond: 'taken for gone: the integration request is given up, the connection closed',
    description:
      'A client that has closed its sending side and takes nothing: it may wait for its answer, or be gone.',
  },
  clientConnections: {
    unit: 'count',
    aws: 50_000,
    extended: 50_000,
    beyond: '503 and the connection is closed',
    description: 'Open client connections of one worker.',
  },
  integrationTimeoutMinMs: {
    unit: 'ms',
    aws: 50,
    extended: 1,
    beyond: 'the definition is refused',
    description: 'Shortest integration timeout.',
  },
  integrationTimeoutMaxMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 86_400_000,
    beyond: 'the definition is refused',
    description: 'Longest integration timeout (AWS: 30 s).',
  },
  integrationTimeoutDefaultMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 30_000,
    beyond: '503',
    description: 'Integration timeout where the definition names none.',
  },
  responseIdleTimeoutMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 300_000,
    beyond: 'the response is cut',
    description: 'Between two reads of a response body from an integration.',
  },
  connectTimeoutMs: {
    unit: 'ms',
    aws: 5_000,
    extended: 5_000,
    beyond: '503',
    description: 'Connection to an origin, name look-up and TLS handshake included.',
  },
  originConnections: {
    unit: 'count',
    aws: 1_024,
    extended: 1_024,
    beyond: 'requests wait for a connection, at most the connect timeout; then 503',
    description: 'Connections of one worker to one origin.',
  },
  originWaiting: {
    unit: 'count',
    aws: 4_096,
    extended: 4_096,
    beyond: '503',
    description: 'Requests of one worker that wait for a connection to one origin.',
  },
  originIdleTimeoutMs: {
    unit: 'ms',
    aws: 55_000,
    extended: 55_000,
    beyond: 'connection closed',
    description: 'An idle kept-alive connection to an origin.',
  },
  accountRatePerSecond: {
    unit: 'count',
    aws: 10_000,
    extended: Number.MAX_SAFE_INTEGER,
    beyond: '429',
    description: 'Requests a second to all APIs of an account in a region (AWS: 10 000).',
  },
  accountBurst: {
    unit: 'count',
    aws: 5_000,
    extended: Number.MAX_SAFE_INTEGER,
    beyond: '429',
    description:
      'Requests at once to all APIs of an account in a region (AWS: 5 000). With one of the two, the other is that of AWS.',
  },
  clientBuckets: {
    unit: 'count',
    aws: 262_144,
    extended: 262_144,
    beyond:
      'clients that find no place take from one bucket that they share; a place is free again when its bucket is full',
    description:
      'Clients whose own token bucket is not full at one moment, of all limits together; 24 bytes each.',
  },
  meteredClients: {
    unit: 'count',
    aws: 32_768,
    extended: 32_768,
    beyond: 'further clients of a limit are counted together as `*` and share one quota',
    description:
      'Clients with a quota, or whose usage is kept, that were seen today or in the period of their quota; 280 bytes each.',
  },
  meters: {
    unit: 'count',
    aws: 4_096,
    extended: 4_096,
    beyond: 'the deployment is refused',
    description: 'Usage plans and limits that keep usage, since the start of the process.',
  },
  usageFlushMs: {
    unit: 'ms',
    aws: 2_000,
    extended: 2_000,
    beyond: 'what a killed process has counted since is lost',
    description: 'How often the usage of clients is written to the store.',
  },
  usageDays: {
    unit: 'count',
    aws: 90,
    extended: 400,
    beyond: 'older days are removed from the store',
    description: 'Days for which the usage of clients is kept.',
  },
  apiKeysPerRegion: {
    unit: 'count',
    aws: 10_000,
    extended: 10_000,
    beyond: 'LimitExceededException',
    description: 'API keys of one account in one region (AWS: 10 000).',
  },
  usagePlansPerRegion: {
    unit: 'count',
    aws: 300,
    extended: 300,
    beyond: 'LimitExceededException',
    description: 'Usage plans of one account in one region (AWS: 300).',
  },
  stagesPerUsagePlan: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: 'BadRequestException',
    description: 'API stages of one usage plan.',
  },
  clientOverrides: {
    unit: 'count',
    aws: 1_000,
    extended: 1_000,
    beyond: 'the definition is refused',
    description: 'Clients with limits of their own in one x-postern-limits.',
  },
  routesPerApi: {
    unit: 'count',
    aws: 300,
    extended: 100_000,
    beyond: 'the definition is refused',
    description: 'Routes of one API (AWS: 300).',
  },
  integrationsPerApi: {
    unit: 'count',
    aws: 300,
    extended: 100_000,
    beyond: 'the definition is refused',
    description: 'Integrations of one API (AWS: 300).',
  },
  apisPerRegion: {
    unit: 'count',
    aws: 600,
    extended: 100_000,
    beyond: 'the call is refused with TooManyRequestsException',
    description: 'APIs of one account in one region (AWS: 600).',
  },
  authorizersPerApi: {
    unit: 'count',
    aws: 10,
    extended: 1_000,
    beyond: 'the call is refused with TooManyRequestsException',
    description: 'Authorizers of one API (AWS: 10).',
  },
  modelsPerApi: {
    unit: 'count',
    aws: 60,
    extended: 10_000,
    beyond: 'the call is refused with TooManyRequestsException',
    description: 'Models of one API (AWS: 60).',
  },
  stagesPerApi: {
    unit: 'count',
    aws: 10,
    extended: 1_000,
    beyond: 'the call is refused with TooManyRequestsException',
    description: 'Stages of one API (AWS: 10).',
  },
  automaticDeploymentsPerApi: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: 'the oldest that no stage points to is removed',
    description: 'Automatic deployments of one API that are kept to go back to.',
  },
  modelSchemaBytes: {
    unit: 'bytes',
    aws: 409_600,
    extended: 409_600,
    beyond: 'the call is refused with BadRequestException',
    description: 'Schema of one model (AWS: 400 KB).',
  },
  scopesPerRoute: {
    unit: 'count',
    aws: 10,
    extended: 100,
    beyond: 'the call is refused with BadRequestException',
    description: 'Authorization scopes of one route (AWS: 10).',
  },
  audiencesPerAuthorizer: {
    unit: 'count',
    aws: 50,
    extended: 1_000,
    beyond: 'the call is refused with BadRequestException',
    description: 'Audiences of one JWT authorizer (AWS: 50).',
  },
  tokenBytes: {
    unit: 'bytes',
    aws: 8_192,
    extended: 8_192,
    beyond: '401',
    description: 'Token of a JWT authorizer.',
  },
  tokenDepth: {
    unit: 'count',
    aws: 32,
    extended: 32,
    beyond: '401',
    description: 'Objects and lists inside one another in a token.',
  },
  tokenLeewayMs: {
    unit: 'ms',
    aws: 0,
    extended: 30_000,
    beyond: '401',
    description:
      'How far the clocks of issuer and gateway may be apart: added to exp, taken off nbf and iat.',
  },
  goodTokens: {
    unit: 'count',
    aws: 10_000,
    extended: 10_000,
    beyond: 'those not used lately are verified anew when they come again',
    description: 'Verified tokens that one worker keeps for one issuer and audience.',
  },
  goodTokenBytes: {
    unit: 'bytes',
    aws: 33_554_432,
    extended: 33_554_432,
    beyond: 'those not used lately are verified anew when they come again',
    description: 'Memory for them, estimated.',
  },
  forgedTokens: {
    unit: 'count',
    aws: 512,
    extended: 512,
    beyond: 'those not seen lately are verified anew when they come again',
    description: 'Tokens with a wrong signature that one worker keeps, as goodTokens.',
  },
  forgedTokenMs: {
    unit: 'ms',
    aws: 60_000,
    extended: 60_000,
    beyond: 'it is verified anew',
    description: 'How long such a token is kept.',
  },
  issuerTimeoutMs: {
    unit: 'ms',
    aws: 1_500,
    extended: 1_500,
    beyond: '401 for tokens whose keys are not there',
    description: 'One document of an issuer, from name look-up to its last byte (AWS: 1.5 s).',
  },
  issuerDocumentBytes: {
    unit: 'bytes',
    aws: 150_000,
    extended: 150_000,
    beyond: '401 for tokens whose keys are not there',
    description: 'Discovery document or key set of an issuer (AWS: 150 000).',
  },
  issuerKeys: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: '401 for tokens whose keys are not there',
    description: 'Keys in the key set of an issuer.',
  },
  issuerKeysMs: {
    unit: 'ms',
    aws: 7_200_000,
    extended: 7_200_000,
    beyond: 'the issuer is asked again before they are used',
    description:
      'Age of the keys of an issuer (AWS: 2 h). From half of it on they are fetched anew on the side.',
  },
  issuerKeysStaleMs: {
    unit: 'ms',
    aws: 14_400_000,
    extended: 14_400_000,
    beyond: '401 until the issuer answers',
    description: 'Age of the keys of an issuer that does not answer.',
  },
  issuerRetryMs: {
    unit: 'ms',
    aws: 5_000,
    extended: 5_000,
    beyond: 'decided by what is known of the issuer',
    description: 'Between two attempts of one worker to fetch the keys of one issuer.',
  },
  unknownKeyIds: {
    unit: 'count',
    aws: 1_000,
    extended: 1_000,
    beyond: 'the oldest are forgotten',
    description:
      'Key ids of tokens that an issuer did not have, kept by one worker for one issuer.',
  },
  unknownKeyIdMs: {
    unit: 'ms',
    aws: 60_000,
    extended: 60_000,
    beyond: 'the issuer may be asked for it again',
    description: 'How long such a key id is kept.',
  },
  domainNamesPerRegion: {
    unit: 'count',
    aws: 120,
    extended: 10_000,
    beyond: 'the call is refused with TooManyRequestsException',
    description: 'Custom domain names of one account in one region (AWS: 120).',
  },
  apiMappingsPerDomain: {
    unit: 'count',
    aws: 200,
    extended: 10_000,
    beyond: 'the call is refused with TooManyRequestsException',
    description: 'API mappings of one custom domain name (AWS: 200 with several segments).',
  },
  vpcLinksPerRegion: {
    unit: 'count',
    aws: 10,
    extended: 1_000,
    beyond: 'the call is refused with TooManyRequestsException',
    description: 'VPC links of one account in one region (AWS: 10).',
  },
  tagsPerResource: {
    unit: 'count',
    aws: 50,
    extended: 50,
    beyond: 'the call is refused with BadRequestException',
    description: 'Tags of one resource (AWS: 50).',
  },
  definitionBytes: {
    unit: 'bytes',
    aws: 6_291_456,
    extended: 33_554_432,
    beyond: 'the definition is refused',
    description: 'One definition file (AWS: 6 MB).',
  },
  definitionYamlBytes: {
    unit: 'bytes',
    aws: 6_291_456,
    extended: 10_485_760,
    beyond: 'the definition is refused',
    description: 'One definition file in YAML, which takes ten times as long to read as JSON.',
  },
  definitionDepth: {
    unit: 'count',
    aws: 200,
    extended: 200,
    beyond: 'the definition is refused',
    description: 'Objects and lists inside one another in a definition.',
  },
  definitionValues: {
    unit: 'count',
    aws: 1_000_000,
    extended: 2_000_000,
    beyond: 'the definition is refused',
    description: 'Values of a YAML definition after its aliases have been replaced.',
  },
  stageVariables: {
    unit: 'count',
    aws: 100,
    extended: 1_000,
    beyond: 'the definition is refused',
    description: 'Stage variables of one stage.',
  },
  stageVariableBytes: {
    unit: 'bytes',
    aws: 512,
    extended: 4_096,
    beyond: 'the definition is refused',
    description: 'Value of one stage variable.',
  },
  accessLogFormatBytes: {
    unit: 'bytes',
    aws: 3_072,
    extended: 16_384,
    beyond: 'refused at start',
    description: 'Access-log format (AWS: 3 KB).',
  },
  accessLogBufferBytes: {
    unit: 'bytes',
    aws: 4_194_304,
    extended: 4_194_304,
    beyond: 'lines are dropped and counted',
    description: 'Log lines that wait for a slow sink, for each worker.',
  },
  outboxMessages: {
    unit: 'count',
    aws: 1_000,
    extended: 1_000,
    beyond: 'the oldest message is dropped',
    description: 'Messages to users that one user pool keeps.',
  },
  outboxMessageLifeMs: {
    unit: 'ms',
    aws: 86_400_000,
    extended: 86_400_000,
    beyond: 'the message is dropped',
    description: 'How long a message to a user is kept, sent or not.',
  },
  messageSendAttempts: {
    unit: 'count',
    aws: 12,
    extended: 12,
    beyond: 'the message is given up, which the log and postern outbox say',
    description: 'Attempts to hand one message to the message sender, with growing pauses.',
  },
  messageSendTimeoutMs: {
    unit: 'ms',
    aws: 10_000,
    extended: 10_000,
    beyond: 'the attempt has failed; another one follows',
    description: 'How long the message sender may take to answer.',
  },
  userPoolsPerAccount: {
    unit: 'count',
    aws: 1_000,
    extended: 1_000,
    beyond: 'LimitExceededException',
    description: 'User pools of an account in a region (AWS: 1 000).',
  },
  clientsPerUserPool: {
    unit: 'count',
    aws: 1_000,
    extended: 10_000,
    beyond: 'LimitExceededException',
    description: 'App clients of one user pool (AWS: 1 000).',
  },
  groupsPerUserPool: {
    unit: 'count',
    aws: 10_000,
    extended: 10_000,
    beyond: 'LimitExceededException',
    description: 'Groups of one user pool (AWS: 10 000).',
  },
  groupsPerUser: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: 'LimitExceededException',
    description: 'Groups that one user belongs to (AWS: 100).',
  },
  resourceServersPerUserPool: {
    unit: 'count',
    aws: 25,
    extended: 300,
    beyond: 'LimitExceededException',
    description: 'Resource servers of one user pool (AWS: 25).',
  },
  publicCallBytes: {
    unit: 'bytes',
    aws: 32_768,
    extended: 32_768,
    beyond: '413 before the body is read when its length is declared',
    description: 'Body of a call that nobody signs: sign-in and sign-up of user pools.',
  },
  signingKeyAgeMs: {
    unit: 'ms',
    aws: 7_776_000_000,
    extended: 7_776_000_000,
    beyond: 'a new key signs; the old one stays published until its tokens are over',
    description: 'How long one key signs the tokens of a user pool.',
  },
  exportQueueBytes: {
    unit: 'bytes',
    aws: 16_777_216,
    extended: 16_777_216,
    beyond: 'spans, segments and log lines are dropped and counted',
    description: 'What waits for a collector, for each kind of signal and destination.',
  },
  exportWorkerBytes: {
    unit: 'bytes',
    aws: 4_194_304,
    extended: 4_194_304,
    beyond: 'spans, segments and log lines are dropped and counted',
    description: 'What a worker has handed to the main thread and that has not arrived there.',
  },
  exportRetryMs: {
    unit: 'ms',
    aws: 300_000,
    extended: 300_000,
    beyond: 'the batch is dropped and counted',
    description: 'How long one batch is sent again to a collector that does not take it.',
  },
  explainCalls: {
    unit: 'count',
    aws: 16_384,
    extended: 16_384,
    beyond: 'the oldest are forgotten',
    description:
      'Calls that ended well and that one worker keeps for postern explain, 64 bytes each; down to a power of two.',
  },
  explainTroubles: {
    unit: 'count',
    aws: 4_096,
    extended: 4_096,
    beyond: 'the oldest are forgotten',
    description:
      'Calls that did not, with their reason in words, 1 KB each; down to a power of two.',
  },
  explainTextsPerSecond: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: 'the call is kept without its values, among those that ended well',
    description: 'Calls with one reason that one worker keeps in words in a second.',
  },
  drainTimeoutMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 30_000,
    beyond: 'what is still in flight is cut',
    description: 'From SIGTERM to the end of the process.',
  },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof LIMITS
export type LimitProfile = 'aws' | 'extended'
/** The numbers that are in force. */
export type Limits = Readonly<Record<LimitName, number>>

/** Numbers of one profile, with single values replaced (`--limit name=value`). */
export function limitsOf(
  profile: LimitProfile,
  overrides: Partial<Record<LimitName, number>> = {},
): Limits {
  const numbers = {} as Record<LimitName, number>
  for (const name of Object.keys(LIMITS) as LimitName[]) {
    numbers[name] = overrides[name] ?? LIMITS[name][profile]
  }
  return numbers
}
