/** OCSP stapling, put together: certificates that are served, their responders, and the records that handshakes are fed from. */

import { systemClock } from '../../base/clock.ts'
import { systemRandom } from '../../base/random.ts'
import { exchangeBounded } from '../../certificates/bounded-exchange.ts'
import {
  CERTIFICATE,
  type CertificateRecord,
  certificateKey,
} from '../../certificates/certificate-record.ts'
import { OcspStapler, type StapledCertificate } from '../../certificates/ocsp/ocsp-stapler.ts'
import { markOf, OCSP_RESPONSE, type OcspResponseRecord } from '../../certificates/tls-records.ts'
import type { Limits } from '../../domain/limits.ts'
import type { Reach } from '../../http/client/address-reach.ts'
import type { Reader, Scope } from '../../storage/store.ts'
import type { ProgramLog } from '../program-log.ts'
import type { StoredApis } from '../stored-apis.ts'
import { certificateWrite } from './certificate-write.ts'

export interface StaplingInput {
  readonly apis: StoredApis
  readonly limits: Limits
  readonly reach: Reach
  readonly log: Pick<ProgramLog, 'warn'>
}

/** Its scope stands in its ARN: `arn:aws:acm:{region}:{account}:certificate/{id}`. */
function scopeOf(arn: string): Scope {
  const [, , , region = '', accountId = ''] = arn.split(':')
  return { accountId, region }
}

/** From now on; what is under way ends with `close`. */
export function openStapling({
  apis,
  limits,
  reach,
  log,
}: StaplingInput): Pick<OcspStapler, 'look' | 'close'> {
  const write = certificateWrite(apis.writes, 'OCSP')
  const ending = new AbortController()
  const stapler = new OcspStapler({
    list: () => apis.store.read(stapledCertificates),
    keep: (arn, fresh) =>
      write(scopeOf(arn), 'acm:StapleCertificate', async (records) => {
        const { id } = certificateKey(arn)
        const key = { kind: OCSP_RESPONSE, parent: '', id }
        const issued = (await records.get<CertificateRecord>(certificateKey(arn)))?.body.issued
        if (fresh === undefined || issued === undefined) await records.delete(key)
        else {
          const nextUpdate = new Date(fresh.untilMs).toISOString()
          const response = fresh.response.toString('base64')
          const of = markOf(fresh.certificate)
          await records.put(key, { response, nextUpdate, of } satisfies OcspResponseRecord)
        }
      }),
    ask: (url, request) => askResponder({ url, request, reach, limits, signal: ending.signal }),
    clock: systemClock,
    random: systemRandom,
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs)
      timer.unref()
      return () => clearTimeout(timer)
    },
    warn: (message) => log.warn(message),
  })
  return {
    look: () => stapler.look(),
    close: () => {
      ending.abort()
      return stapler.close()
    },
  }
}

async function stapledCertificates(reader: Reader): Promise<readonly StapledCertificate[]> {
  const certificates = await reader.everywhere<CertificateRecord>(CERTIFICATE)
  const responses = await reader.everywhere<OcspResponseRecord>(OCSP_RESPONSE)
  const kept = new Map(responses.map(({ id, body }) => [id, body.response]))
  return certificates.flatMap(({ id, body: { CertificateArn, issued } }) => {
    if (issued === undefined) return []
    const { certificate, chain } = issued
    const response = kept.get(id)
    const bytes = response === undefined ? undefined : Buffer.from(response, 'base64')
    return [{ id: CertificateArn, certificate, chain, response: bytes }]
  })
}

interface Question {
  readonly url: URL
  readonly request: Buffer
  readonly reach: Reach
  readonly limits: Limits
  readonly signal: AbortSignal
}

/** RFC 6960 appendix A: POST, so that what is asked stands in no log of a proxy. */
async function askResponder({ url, request, reach, limits, signal }: Question): Promise<Buffer> {
  const { status, headers, body } = await exchangeBounded({
    url,
    reach,
    signal,
    method: 'POST',
    headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
    body: request,
    timeoutMs: limits.ocspTimeoutMs,
    bytesMax: limits.ocspResponseBytes,
  })
  if (status !== 200) throw new Error(`it answers ${status}`)
  const type = headers['content-type'] ?? ''
  if (/^application\/ocsp-response\b/.test(type)) return body
  throw new Error('what it sends is no OCSP response')
}
