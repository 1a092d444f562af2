/** What the store keeps of Cloud Map: namespaces, services, instances, and what became of each change. */

import type { Operation, Tag } from '@aws-sdk/client-servicediscovery'
import type { Body } from '../../storage/store.ts'

type DnsRecords = readonly { readonly Type: string; readonly TTL: number }[]

export interface NamespaceRecord {
  readonly Id: string
  readonly Arn: string
  readonly Name: string
  readonly Type: 'HTTP' | 'DNS_PRIVATE'
  readonly Description?: string
  /** ISO 8601, as everywhere here. */
  readonly CreateDate: string
  readonly CreatorRequestId?: string
  readonly Tags: readonly Tag[]
}

export interface ServiceRecord {
  readonly Id: string
  readonly Arn: string
  readonly Name: string
  readonly NamespaceId: string
  readonly Type: 'HTTP' | 'DNS_HTTP'
  readonly Description?: string
  readonly CreateDate: string
  readonly CreatorRequestId?: string
  readonly DnsConfig?: { readonly RoutingPolicy: string; readonly DnsRecords: DnsRecords }
  readonly hasCustomHealth: boolean
  readonly Tags: readonly Tag[]
  readonly attributes: Readonly<Record<string, string>>
  /** Grows with every change of its instances. */
  readonly instancesRevision: number
}

export interface InstanceRecord {
  readonly Id: string
  readonly Attributes: Readonly<Record<string, string>>
  readonly CreatorRequestId?: string
  readonly status: 'HEALTHY' | 'UNHEALTHY'
}

export type OperationRecord = Body &
  Omit<Operation, 'CreateDate' | 'UpdateDate'> & {
    readonly Id: string
    readonly CreateDate: string
    readonly UpdateDate: string
  }
