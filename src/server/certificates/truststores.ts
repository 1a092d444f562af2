/** The truststores that this installation's settings let it read; loaded with the first domain name that names one. */

import { systemClock } from '../../base/clock.ts'
import { TimerWheel } from '../../base/timer-wheel.ts'
import {
  lookAtTruststore,
  type ReadTruststore,
  readTruststore,
  TRUSTSTORE_BYTES_MAX,
  type TruststorePlace,
} from '../../certificates/truststore.ts'
import { type ObjectStore, truststoreSource } from '../../certificates/truststore-source.ts'
import type { Limits } from '../../domain/limits.ts'
import { documentFetcher } from '../../http/client/fetch-document.ts'
import type { Settings } from '../settings/settings.ts'
import { originLimits } from '../worker/origin-limits.ts'

type TruststoreSettings = Pick<Settings, 'truststoreFolder' | 's3Endpoint' | 'region'>
type Environment = Readonly<Record<string, string | undefined>>

export interface Truststores {
  readonly read: ReadTruststore
  /** Whether a place has changed, see `lookAtTruststore`. */
  readonly look: (place: TruststorePlace, known: string | undefined) => Promise<string>
}

export function openTruststores(
  settings: TruststoreSettings,
  limits: Limits,
  environment: Environment,
): Truststores {
  const source = truststoreSource({
    folder: settings.truststoreFolder,
    objects: objectStore(settings, limits, environment),
  })
  return {
    read: (place) => readTruststore(place, source, systemClock.epochMs()),
    look: (place, known) => lookAtTruststore(place, source, known),
  }
}

function objectStore(
  { s3Endpoint, region }: TruststoreSettings,
  limits: Limits,
  environment: Environment,
): ObjectStore | undefined {
  if (s3Endpoint === undefined) return undefined
  return {
    endpoint: new URL(s3Endpoint),
    region,
    credentials: credentialsIn(environment),
    fetchDocument: documentFetcher({
      timers: new TimerWheel(systemClock),
      origin: originLimits(limits),
      bytesMax: TRUSTSTORE_BYTES_MAX,
      timeoutMs: limits.truststoreTimeoutMs,
    }),
    clock: systemClock,
  }
}

function credentialsIn(environment: Environment): ObjectStore['credentials'] {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID']
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY']
  const sessionToken = environment['AWS_SESSION_TOKEN']
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}
