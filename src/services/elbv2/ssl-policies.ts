/**
 * Names of security policies, with what AWS lists for each. They are kept with a listener; a domain name's own policy
 * decides what the gateway speaks.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */

import type { SslPolicy } from '@aws-sdk/client-elastic-load-balancing-v2'

const TLS13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
const GCM = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
]
const CBC = [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
]
const SHA1 = [
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES256-SHA',
]
const RSA = ['AES128-GCM-SHA256', 'AES128-SHA256', 'AES256-GCM-SHA384', 'AES256-SHA256']
const RSA_SHA1 = ['AES128-SHA', 'AES256-SHA']

const V12 = ['TLSv1.2']
const V10 = ['TLSv1', 'TLSv1.1', 'TLSv1.2']
const V13 = ['TLSv1.3']

const ROWS: readonly (readonly [name: string, protocols: string[], ciphers: string[]])[] = [
  ['ELBSecurityPolicy-2016-08', V10, [...GCM, ...CBC, ...SHA1, ...RSA, ...RSA_SHA1]],
  [
    'ELBSecurityPolicy-TLS-1-1-2017-01',
    ['TLSv1.1', 'TLSv1.2'],
    [...GCM, ...CBC, ...SHA1, ...RSA, ...RSA_SHA1],
  ],
  ['ELBSecurityPolicy-TLS-1-2-2017-01', V12, [...GCM, ...CBC, ...RSA]],
  ['ELBSecurityPolicy-TLS-1-2-Ext-2018-06', V12, [...GCM, ...CBC, ...SHA1, ...RSA, ...RSA_SHA1]],
  ['ELBSecurityPolicy-FS-2018-06', V10, [...GCM, ...CBC, ...SHA1]],
  ['ELBSecurityPolicy-FS-1-2-2019-08', V12, [...GCM, ...CBC, ...SHA1]],
  ['ELBSecurityPolicy-FS-1-2-Res-2019-08', V12, [...GCM, ...CBC]],
  ['ELBSecurityPolicy-FS-1-2-Res-2020-10', V12, GCM],
  ['ELBSecurityPolicy-TLS13-1-3-2021-06', V13, TLS13],
  ['ELBSecurityPolicy-TLS13-1-2-2021-06', [...V12, ...V13], [...TLS13, ...GCM, ...CBC]],
  ['ELBSecurityPolicy-TLS13-1-2-Res-2021-06', [...V12, ...V13], [...TLS13, ...GCM]],
]

export const SSL_POLICIES: readonly (SslPolicy & { readonly Name: string })[] = ROWS.map(
  ([Name, SslProtocols, ciphers]) => ({
    Name,
    SslProtocols,
    Ciphers: ciphers.map((cipher, i) => ({ Name: cipher, Priority: i + 1 })),
    SupportedLoadBalancerTypes: ['application', 'network'],
  }),
)
