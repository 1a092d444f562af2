/** What hangs on a listener: attributes, and certificates besides the default one. */

import type {
  AddListenerCertificatesInput,
  Certificate,
  DescribeListenerAttributesInput,
  DescribeListenerCertificatesInput,
  ModifyListenerAttributesInput,
  RemoveListenerCertificatesInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { keyOf } from './arn.ts'
import { changedAttributes, shownAttributes } from './attributes.ts'
import { invalid, notPermitted } from './errors.ts'
import { listenerOf } from './found.ts'
import { balancerOf } from './listener.ts'
import { LISTENER_ATTRIBUTES } from './listener-attributes.ts'
import { refuseUnknownCertificate } from './listener-tls.ts'
import type { ListenerRecord } from './records.ts'

export const listenerSettingOperations = {
  DescribeListenerAttributes: read<DescribeListenerAttributesInput, object>(
    async ({ ListenerArn }, context) => shown(await listenerOf(context, ListenerArn!), context),
  ),

  ModifyListenerAttributes: write<ModifyListenerAttributesInput, object>(
    async ({ ListenerArn, Attributes = [] }, context) => {
      const record = await listenerOf(context, ListenerArn!)
      const { view } = await balancerOf(record, context)
      const changes = { changes: Attributes, type: view.Type }
      const attributes = changedAttributes(LISTENER_ATTRIBUTES, record.attributes, changes)
      return shown(await put({ ...record, attributes }, context), context)
    },
  ),

  AddListenerCertificates: write<AddListenerCertificatesInput, object>(
    async ({ ListenerArn, Certificates = [] }, context) => {
      const record = await secureListener(ListenerArn!, context)
      const arns = new Set(record.certificates.map(({ CertificateArn }) => CertificateArn!))
      for (const arn of arnsOf(Certificates)) {
        await refuseUnknownCertificate(arn, context)
        arns.add(arn)
      }
      const { certificatesPerListener: most } = context.settings.limits
      if (arns.size > most) {
        throw new ServiceError(
          'TooManyCertificatesException',
          `A listener has at most ${most} certificates besides the default one`,
        )
      }
      const certificates = [...arns].map((CertificateArn) => ({ CertificateArn }))
      await put({ ...record, certificates }, context)
      return {
        Certificates: Certificates.map(({ CertificateArn }) => ({
          CertificateArn,
          IsDefault: false,
        })),
      }
    },
  ),

  RemoveListenerCertificates: write<RemoveListenerCertificatesInput, object>(
    async ({ ListenerArn, Certificates = [] }, context) => {
      const record = await secureListener(ListenerArn!, context)
      const gone = arnsOf(Certificates)
      const [standard] = record.view.Certificates ?? []
      if (gone.includes(standard?.CertificateArn ?? '')) {
        throw notPermitted('The default certificate of a listener cannot be removed')
      }
      const certificates = record.certificates.filter(
        ({ CertificateArn }) => !gone.includes(CertificateArn!),
      )
      await put({ ...record, certificates }, context)
      return {}
    },
  ),

  DescribeListenerCertificates: read<DescribeListenerCertificatesInput, object>(
    async ({ ListenerArn }, context) => {
      const { view, certificates } = await listenerOf(context, ListenerArn!)
      const standard = (view.Certificates ?? []).map((each) => ({ ...each, IsDefault: true }))
      const others = certificates.map((each) => ({ ...each, IsDefault: false }))
      return { Certificates: [...standard, ...others] }
    },
  ),
}

async function secureListener(arn: string, context: ReadContext): Promise<ListenerRecord> {
  const record = await listenerOf(context, arn)
  const { Protocol } = record.view
  if (Protocol === 'HTTPS' || Protocol === 'TLS') return record
  throw invalid(`Certificates are for HTTPS and TLS listeners, not for ${Protocol}`)
}

function arnsOf(certificates: readonly Certificate[]): string[] {
  return certificates.map(({ CertificateArn }) => {
    if (CertificateArn === undefined) throw invalid('A certificate ARN must be specified')
    return CertificateArn
  })
}

async function put(record: ListenerRecord, { records }: WriteContext): Promise<ListenerRecord> {
  await records.put(keyOf('listener', record.view.ListenerArn), record)
  return record
}

async function shown(record: ListenerRecord, context: ReadContext): Promise<object> {
  const { view } = await balancerOf(record, context)
  return { Attributes: shownAttributes(LISTENER_ATTRIBUTES, record.attributes, view.Type) }
}
