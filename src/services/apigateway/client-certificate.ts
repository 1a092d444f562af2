/**
 * Certificates that the gateway shows to origins: GenerateClientCertificate, GetClientCertificate(s),
 * UpdateClientCertificate, DeleteClientCertificate.
 *
 * Signed by themselves and good for 365 days: origins trust them one by one. The key is sealed at rest and never shown.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html
 */

import type {
  ClientCertificate,
  ClientCertificates,
  DeleteClientCertificateRequest,
  GenerateClientCertificateRequest,
  GetClientCertificateRequest,
  GetClientCertificatesRequest,
  UpdateClientCertificateRequest,
} from '@aws-sdk/client-api-gateway'
import { ServiceError } from '../../aws/service-error.ts'
import { makeClientCertificate } from '../../certificates/client-certificate.ts'
import {
  CLIENT_CERTIFICATE,
  type ClientCertificateRecord,
  clientKeyPlace,
} from '../../certificates/client-certificate-record.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import { checkedTags } from '../apigatewayv2/tag-rules.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { pageOf } from './paging.ts'
import { applyPatch, invalid, type PatchRule } from './patch.ts'

const ID_CHARACTERS = 6
const DESCRIPTION_MAX = 1_024

export function clientCertificateOperations(openSealer: OpenSealer) {
  return {
    GenerateClientCertificate: write<GenerateClientCertificateRequest, ClientCertificate>(
      (request, context) => generate(request, context, openSealer),
    ),
    GetClientCertificate: read<GetClientCertificateRequest, ClientCertificate>(get),
    GetClientCertificates: read<GetClientCertificatesRequest, ClientCertificates>(list),
    UpdateClientCertificate: write<UpdateClientCertificateRequest, ClientCertificate>(update),
    DeleteClientCertificate: write<DeleteClientCertificateRequest, object>(remove),
  }
}

async function generate(
  { description, tags }: GenerateClientCertificateRequest,
  context: WriteContext,
  openSealer: OpenSealer,
): Promise<ClientCertificate> {
  const { records, now, settings } = context
  const most = settings.limits.clientCertificatesPerRegion
  if ((await all(context)).length >= most) {
    throw new ServiceError(
      'LimitExceededException',
      `Maximum number of Client certificates has been reached: ${most}. Raise it with --limit clientCertificatesPerRegion=<number>`,
    )
  }
  checkDescription(description)
  const sealer = await openSealer()
  const id = context.newId(ID_CHARACTERS)
  const made = makeClientCertificate(now.getTime())
  const record: ClientCertificateRecord = {
    clientCertificateId: id,
    pemEncodedCertificate: made.certificate,
    createdDate: now.toISOString(),
    expirationDate: new Date(made.untilEpochMs).toISOString(),
    sealedKey: sealer.seal(clientKeyPlace(records.scope, id), made.privateKey),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags: { ...checkedTags(context, tags) } }),
  }
  await put(context, record)
  return show(record)
}

async function get(
  { clientCertificateId }: GetClientCertificateRequest,
  context: ReadContext,
): Promise<ClientCertificate> {
  return show(await required(context, clientCertificateId))
}

async function list(
  request: GetClientCertificatesRequest,
  context: ReadContext,
): Promise<ClientCertificates> {
  const records = await all(context)
  const entries = records.map((record) => ({ id: record.clientCertificateId, record }))
  const { items, ...page } = pageOf(entries, request)
  return { items: items.map(({ record }) => show(record)), ...page }
}

const RULES: readonly PatchRule<ClientCertificateRecord>[] = [
  {
    path: '/description',
    replace: (record, description) => ({ ...record, description: checkDescription(description) }),
  },
]

async function update(
  { clientCertificateId, patchOperations }: UpdateClientCertificateRequest,
  context: WriteContext,
): Promise<ClientCertificate> {
  const before = await required(context, clientCertificateId)
  const record = applyPatch(before, patchOperations, RULES)
  await put(context, record)
  return show(record)
}

async function remove(
  { clientCertificateId }: DeleteClientCertificateRequest,
  context: WriteContext,
): Promise<object> {
  const record = await required(context, clientCertificateId)
  const id = record.clientCertificateId
  refuseInUse(context, id)
  await context.records.delete({ kind: CLIENT_CERTIFICATE, parent: '', id })
  return {}
}

/** A stage without a certificate that it names could not be served after the next start. */
function refuseInUse({ scope, served }: ReadContext, id: string): void {
  const stages = served()
    .apis.filter(
      ({ accountId, region }) => accountId === scope.accountId && region === scope.region,
    )
    .filter(({ clientCertificates = [] }) => clientCertificates.includes(id))
    .map(({ apiId, stage }) => `stage ${stage} of API ${apiId}`)
  if (stages.length === 0) return
  throw invalid(
    `Client certificate ${id} is in use by ${stages.join(', ')}. Give these another first.`,
  )
}

async function all({ records }: ReadContext): Promise<readonly ClientCertificateRecord[]> {
  const found = await records.list<ClientCertificateRecord>(CLIENT_CERTIFICATE, '')
  return found.records.map(({ body }) => body)
}

async function required(
  { records }: ReadContext,
  id: string | undefined,
): Promise<ClientCertificateRecord> {
  const key = { kind: CLIENT_CERTIFICATE, parent: '', id: id ?? '' }
  const found = await records.get<ClientCertificateRecord>(key)
  if (found !== undefined) return found.body
  throw new ServiceError('NotFoundException', 'Invalid Client Certificate identifier specified')
}

function put({ records }: WriteContext, record: ClientCertificateRecord): Promise<void> {
  const id = record.clientCertificateId
  return records.put({ kind: CLIENT_CERTIFICATE, parent: '', id }, record)
}

function show(record: ClientCertificateRecord): ClientCertificate {
  const { sealedKey: _, createdDate, expirationDate, ...shown } = record
  return { ...shown, createdDate: new Date(createdDate), expirationDate: new Date(expirationDate) }
}

function checkDescription<T extends string | undefined>(description: T): T {
  if ((description?.length ?? 0) > DESCRIPTION_MAX) {
    throw invalid('Invalid Client Certificate description specified.')
  }
  return description
}
