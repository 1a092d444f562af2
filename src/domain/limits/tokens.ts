/** Limits of JSON Web Tokens and of the keys of their issuers. Rows of the table in `domain/limits.ts`. */

import type { LimitRows } from './limit.ts'

export const TOKEN_LIMITS = {
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
} as const satisfies LimitRows
