/** Limits of VPC links: their agents, tokens and streams. Rows of the table in `domain/limits.ts`. */

import type { LimitRows } from './limit.ts'

export const LINK_LIMITS = {
  vpcLinksPerRegion: {
    unit: 'count',
    aws: 10,
    extended: 1_000,
    beyond: 'the call is refused with TooManyRequestsException',
    description: 'VPC links of one account in one region (AWS: 10).',
  },
  linkStreams: {
    unit: 'count',
    aws: 10_000,
    extended: 10_000,
    beyond: 'another agent of the link gets the request; with none, it is answered 503',
    description: 'Requests under way at a time on one connection of an agent of a VPC link.',
  },
  linkStreamWindowBytes: {
    unit: 'bytes',
    aws: 1_048_576,
    extended: 1_048_576,
    beyond: 'whoever sends waits until some has been read; other streams go on',
    description: 'Body bytes under way in one direction of one request through a VPC link.',
  },
  linkAllowances: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: 'the call is refused with BadRequestException',
    description: 'Entries of the allow-list of one VPC link.',
  },
  linkTokens: {
    unit: 'count',
    aws: 20,
    extended: 20,
    beyond: 'the call is refused with TooManyRequestsException',
    description: 'Enrolment tokens of one VPC link that are good and not used yet.',
  },
  linkAgents: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: 'the token is refused; it stays good',
    description: 'Agents of one VPC link that are known: enrolled, and not gone for a week.',
  },
  linkTokenMs: {
    unit: 'ms',
    aws: 3_600_000,
    extended: 3_600_000,
    beyond: 'the token is refused',
    description:
      'How long an enrolment token is good, unless it is made for another time (a week at most).',
  },
  linkCertificateMs: {
    unit: 'ms',
    aws: 86_400_000,
    extended: 86_400_000,
    beyond: 'the agent has to be enrolled again; it renews its certificate in time by itself',
    description: 'How long the certificate of an agent of a VPC link is good.',
  },
} as const satisfies LimitRows
