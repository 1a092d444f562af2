/**
 * The truststore of a domain name: read when a call names it, before the call writes, and kept as it was read. What the
 * object says later is read by `certificates/truststore-reload.ts`.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
 */

import type {
  MutualTlsAuthentication,
  MutualTlsAuthenticationInput,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { TRUSTSTORE } from '../../certificates/tls-records.ts'
import type { ClientTrust } from '../../domain/tls.ts'
import type { DecideContext, WriteContext } from '../service.ts'
import { mergedMutualTls } from './domain-name-rules.ts'
import type { DomainNameRecord } from './records.ts'

/** What a call has made of a domain name's mutual TLS. */
export interface NewTrust {
  /** Undefined: clients show no certificate. */
  readonly authentication: MutualTlsAuthentication | undefined
  readonly trust: ClientTrust | undefined
}

/** Undefined: the call says nothing of it. */
export async function readNewTrust(
  { settings, read }: DecideContext,
  domainName: string | undefined,
  patch: MutualTlsAuthenticationInput | undefined,
): Promise<NewTrust | undefined> {
  if (patch === undefined) return undefined
  const key = { kind: 'domain-name', parent: '', id: domainName ?? '' }
  const before = await read(({ records }) => records.get<DomainNameRecord>(key))
  const merged = mergedMutualTls(before?.body.MutualTlsAuthentication, patch)
  if (merged?.TruststoreUri === undefined) return { authentication: undefined, trust: undefined }
  const { TruststoreUri: uri, TruststoreVersion: objectVersion } = merged
  if (settings.readTruststore === undefined) {
    throw new ServiceError('BadRequestException', 'No place for truststores is set up here')
  }
  try {
    const { trust, warnings } = await settings.readTruststore({ uri, objectVersion })
    return { authentication: { ...merged, TruststoreWarnings: [...warnings] }, trust }
  } catch (error) {
    // By name: the code that reads truststores is loaded with the first of them.
    if (!(error instanceof Error) || error.name !== 'TruststoreError') throw error
    throw new ServiceError('BadRequestException', error.message)
  }
}

/** Keeps what was read; undefined takes away what there was. */
export async function putTrust(
  { records }: WriteContext,
  id: string,
  trust: ClientTrust | undefined,
): Promise<void> {
  const key = { kind: TRUSTSTORE, parent: '', id }
  if (trust === undefined) await records.delete(key)
  else await records.put(key, trust)
}
