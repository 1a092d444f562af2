/** The reload of truststores, put together: domain names in the store, where truststores are, and writes that make news live. */

import { TRUSTSTORE } from '../../certificates/tls-records.ts'
import { type KeptTruststore, TruststoreReload } from '../../certificates/truststore-reload.ts'
import type { Limits } from '../../domain/limits.ts'
import type { ClientTrust } from '../../domain/tls.ts'
import type { DomainNameRecord } from '../../services/apigatewayv2/records.ts'
import type { Reader, Scope } from '../../storage/store.ts'
import type { ProgramLog } from '../program-log.ts'
import type { Settings } from '../settings/settings.ts'
import type { StoredApis } from '../stored-apis.ts'
import { certificateWrite } from './certificate-write.ts'
import { openTruststores } from './truststores.ts'

export interface TruststoreReloadingInput {
  readonly settings: Settings
  readonly limits: Limits
  readonly apis: Pick<StoredApis, 'store' | 'writes'>
  readonly log: Pick<ProgramLog, 'info' | 'warn'>
}

interface Kept extends KeptTruststore {
  readonly scope: Scope
}

/** The first round is for the caller to begin. */
export function openTruststoreReload(
  { settings, limits, apis, log }: TruststoreReloadingInput,
  intervalMs: number,
): TruststoreReload<Kept> {
  const { read, look } = openTruststores(settings, limits, process.env)
  const write = certificateWrite(apis.writes, 'truststore reload')
  return new TruststoreReload<Kept>({
    ...{ read, look, intervalMs, log },
    list: () => apis.store.read(keptTruststores),
    keep: (kept, { trust, warnings }) =>
      write(kept.scope, 'postern:ReloadTruststore', async (records) => {
        const place = { kind: 'domain-name', parent: '', id: kept.domainName } as const
        const trustPlace = { ...place, kind: TRUSTSTORE } as const
        const domain = await records.get<DomainNameRecord>(place)
        const inForce = await records.get<ClientTrust>(trustPlace)
        const authentication = domain?.body.MutualTlsAuthentication
        const { uri, objectVersion, version } = kept
        const isAsListed =
          authentication?.TruststoreUri === uri &&
          authentication.TruststoreVersion === objectVersion &&
          inForce?.body.version === version
        if (!isAsListed) return false
        if (trust !== undefined) await records.put(trustPlace, trust)
        const MutualTlsAuthentication = { ...authentication, TruststoreWarnings: [...warnings] }
        await records.put(place, { ...domain!.body, MutualTlsAuthentication })
        return true
      }),
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs).unref()
      return () => clearTimeout(timer)
    },
  })
}

async function keptTruststores(reader: Reader): Promise<readonly Kept[]> {
  const domains = await reader.everywhere<DomainNameRecord>('domain-name')
  const kept: Kept[] = []
  for (const { scope, id: domainName, body } of domains) {
    const { TruststoreUri: uri, ...rest } = body.MutualTlsAuthentication ?? {}
    if (uri === undefined) continue
    const place = { kind: TRUSTSTORE, parent: '', id: domainName }
    const version = (await reader.in(scope).get<ClientTrust>(place))?.body.version
    const { TruststoreVersion: objectVersion, TruststoreWarnings: warnings = [] } = rest
    kept.push({ scope, domainName, uri, objectVersion, version, warnings })
  }
  return kept
}
