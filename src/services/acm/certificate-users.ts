/**
 * Who uses a certificate, as ACM names them: domain names that show it, load balancers whose listeners have it, and stages
 * that show it to their origins. What is in use is not deleted.
 *
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
 */

import type { ServedApi } from '../../domain/served-apis.ts'
import type { Scope } from '../../storage/store.ts'
import { LISTENER, LOAD_BALANCER } from '../elbv2/kinds.ts'
import type { ListenerRecord, LoadBalancerRecord } from '../elbv2/records.ts'
import type { ReadContext } from '../service.ts'
import { domainNameArn, domainNamesByCertificate } from './found.ts'

/** ARNs of its users, by the ARN of a certificate. */
export type CertificateUsers = ReadonlyMap<string, ReadonlySet<string>>

type UsersContext = Pick<ReadContext, 'records' | 'scope' | 'served'>

export async function certificateUsers(context: UsersContext): Promise<CertificateUsers> {
  const { records, scope, served } = context
  const users = new Users()
  for (const [arn, names] of await domainNamesByCertificate(records)) {
    for (const name of names) users.add(arn, domainNameArn(scope.region, name))
  }
  await addLoadBalancers(users, context)
  for (const api of served().apis) {
    if (api.accountId !== scope.accountId || api.region !== scope.region) continue
    for (const arn of api.clientCertificates ?? []) users.add(arn, stageArn(scope, api))
  }
  return users
}

class Users extends Map<string, Set<string>> {
  add(arn: string, user: string): void {
    const found = this.get(arn)
    if (found === undefined) this.set(arn, new Set([user]))
    else found.add(user)
  }
}

/** The default certificates of their listeners, and those besides. */
async function addLoadBalancers(users: Users, { records }: UsersContext): Promise<void> {
  const balancers = await records.list<LoadBalancerRecord>(LOAD_BALANCER, '')
  for (const { id, body } of balancers.records) {
    const listeners = await records.list<ListenerRecord>(LISTENER, id)
    for (const { body: listener } of listeners.records) {
      const all = [...(listener.view.Certificates ?? []), ...listener.certificates]
      for (const { CertificateArn = '' } of all) {
        users.add(CertificateArn, body.view.LoadBalancerArn)
      }
    }
  }
}

function stageArn({ region }: Scope, { apiId, stage }: ServedApi): string {
  return `arn:aws:apigateway:${region}::/apis/${apiId}/stages/${stage}`
}
