/**
 * `x-postern-limits`: how often each client may call, at the root for the whole API and at an operation for its route.
 *
 * An operation's limits hold besides those of the API. Clients are told apart by one expression: the operation's own, or
 * that of the API. Whatever cannot be enforced to the letter is an error with its place.
 */

import type { ClientAllowance, ClientLimits, Quota, Throttle } from '../../domain/http-api.ts'
import { OFFSET_MAX } from '../../domain/quota-period.ts'
import { compileClientKey } from '../../expression/client-key.ts'
import { nearestName } from '../../expression/did-you-mean.ts'
import { MappingError } from '../../expression/mapping/mapping-error.ts'
import {
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { ImportRun } from './import-run.ts'

export const LIMITS_EXTENSION = 'x-postern-limits'
const ALLOWANCE_MEMBERS = ['rate', 'burst', 'quota']
const LIMITS_MEMBERS = ['client', 'clients', 'meter', ...ALLOWANCE_MEMBERS]
const QUOTA_MEMBERS = ['limit', 'period', 'offset']
/** A quota is counted in forty bits. */
const QUOTA_MAX = 2 ** 39

export class ClientLimitReader {
  /** Of the API; undefined: it has none. */
  readonly api: ClientLimits | undefined
  readonly #run: ImportRun
  readonly #stageVariables: Readonly<Record<string, string>>

  constructor(run: ImportRun, stageVariables: Readonly<Record<string, string>>) {
    this.#run = run
    this.#stageVariables = stageVariables
    this.api = this.#read(run.root)
  }

  readFor(operation: LocatedObject): ClientLimits | undefined {
    return this.#read(operation)
  }

  #read(place: LocatedValue): ClientLimits | undefined {
    const node = this.#run.read.object(memberOf(place, LIMITS_EXTENSION))
    if (node === undefined) return undefined
    this.#checkNames(node, LIMITS_MEMBERS)
    const client = this.#readClient(node)
    const allowance = this.#readAllowance(node)
    const clients = this.#readClients(node)
    const meter = this.#run.read.boolean(memberOf(node, 'meter'))
    const hasQuota = [allowance, ...Object.values(clients)].some(({ quota }) => quota !== undefined)
    if (meter === false && hasQuota) this.#refuse(memberOf(node, 'meter')!, METER_NEEDED)
    const isEmpty = Object.keys({ ...allowance, ...clients }).length === 0 && meter !== true
    if (isEmpty) this.#refuse(node, NOTHING)
    return { client, metered: hasQuota || meter === true, ...allowance, clients }
  }

  #readClient(node: LocatedObject): string {
    const written = memberOf(node, 'client')
    const client = this.#run.read.string(written) ?? this.api?.client
    if (client === undefined) {
      if (written === undefined) this.#refuse(node, CLIENT_MISSING)
      return ''
    }
    try {
      compileClientKey(client, this.#stageVariables)
    } catch (error) {
      if (!(error instanceof MappingError)) throw error
      this.#refuse(written ?? node, { code: 'limits-client', ...error, message: error.message })
    }
    return client
  }

  #readClients(node: LocatedObject): Readonly<Record<string, ClientAllowance>> {
    const written = this.#run.read.object(memberOf(node, 'clients'))
    const clients = new Map<string, ClientAllowance>()
    for (const [name, member] of written === undefined ? [] : membersOf(written)) {
      const one = this.#run.read.object(member)
      if (one === undefined) continue
      this.#checkNames(one, ALLOWANCE_MEMBERS)
      clients.set(name, this.#readAllowance(one))
    }
    const most = this.#run.options.limits.clientOverrides
    if (clients.size > most) {
      this.#refuse(written!, {
        code: 'limits-clients-too-many',
        message: `${clients.size} clients have limits of their own; ${most} are allowed.`,
        mend: 'Put them into usage plans, or raise --limit clientOverrides.',
      })
    }
    return Object.fromEntries(clients)
  }

  #readAllowance(node: LocatedObject): ClientAllowance {
    const throttle = this.#readThrottle(node)
    const quota = this.#readQuota(memberOf(node, 'quota'))
    return {
      ...(throttle === undefined ? {} : { throttle }),
      ...(quota === undefined ? {} : { quota }),
    }
  }

  #readThrottle(node: LocatedObject): Throttle | undefined {
    const [rate, burst] = [memberOf(node, 'rate'), memberOf(node, 'burst')]
    if (rate === undefined) {
      if (burst !== undefined) this.#refuse(burst, RATE_MISSING)
      return undefined
    }
    const ratePerSecond = this.#number(rate, RATE)
    const tokens = burst === undefined ? undefined : this.#number(burst, BURST)
    return { ratePerSecond, burst: tokens ?? Math.max(1, Math.ceil(ratePerSecond)) }
  }

  #readQuota(written: LocatedValue | undefined): Quota | undefined {
    const node = this.#run.read.object(written)
    if (node === undefined) return undefined
    this.#checkNames(node, QUOTA_MEMBERS)
    const [limit, period] = [memberOf(node, 'limit'), memberOf(node, 'period')]
    if (limit === undefined || period === undefined) {
      this.#refuse(node, QUOTA_INCOMPLETE)
      return undefined
    }
    if (!isPeriod(period.value)) {
      this.#refuse(period, {
        code: 'limits-quota-period',
        message: `${preview(period.value)} is no period of a quota.`,
        mend: 'Write DAY, WEEK or MONTH.',
      })
      return undefined
    }
    const offset = memberOf(node, 'offset')
    return {
      limit: this.#number(limit, QUOTA),
      period: period.value,
      offset: offset === undefined ? 0 : this.#readOffset(offset, period.value),
    }
  }

  #readOffset(node: LocatedValue, period: Quota['period']): number {
    const most = OFFSET_MAX[period]
    return this.#number(node, {
      noun: `offset of a ${period}`,
      most,
      isWhole: true,
      mend: `Write ${most === 0 ? '0' : `0 to ${most}`}: the day on which each ${period.toLowerCase()} begins.`,
    })
  }

  #number(node: LocatedValue, { noun, most, isWhole, mend }: NumberRule): number {
    const { value } = node
    const isRight =
      typeof value === 'number' &&
      value >= 0 &&
      value <= most &&
      (isWhole ? Number.isInteger(value) : Number.isFinite(value))
    if (isRight) return value
    this.#refuse(node, {
      code: 'limits-number',
      message: `${preview(value)} cannot be the ${noun}.`,
      mend,
    })
    return 0
  }

  #checkNames(node: LocatedObject, names: readonly string[]): void {
    for (const [name, member] of membersOf(node)) {
      if (names.includes(name)) continue
      const nearest = nearestName(name, names)
      this.#refuse(member, {
        code: 'limits-member-unknown',
        message: `${preview(name)} is nothing that a limit has here.`,
        mend:
          nearest === undefined
            ? `Limits have here: ${names.join(', ')}.`
            : `Did you mean ${nearest}?`,
      })
    }
  }

  #refuse(node: LocatedValue, finding: { code: string; message: string; mend: string }): void {
    this.#run.problems.error(node.pointer, finding)
  }
}

interface NumberRule {
  readonly noun: string
  readonly most: number
  readonly isWhole: boolean
  readonly mend: string
}

const RATE: NumberRule = {
  noun: 'rate of a client',
  most: 10_000_000,
  isWhole: false,
  mend: 'Write calls a second, such as 10 or 0.5; 0 refuses every call.',
}
const BURST: NumberRule = {
  noun: 'burst of a client',
  most: 10_000_000,
  isWhole: true,
  mend: 'Write how many calls may come at once, a whole number; 0 refuses every call.',
}
const QUOTA: NumberRule = {
  noun: 'limit of a quota',
  most: QUOTA_MAX,
  isWhole: true,
  mend: 'Write how many calls a client has in each period, a whole number.',
}
const CLIENT_MISSING = {
  code: 'limits-client-missing',
  message: 'The limits do not say who the client of a call is.',
  mend: 'Add client: $context.authorizer.claims.client_id, $request.header.x-tenant, or $context.identity.sourceIp.',
}
const RATE_MISSING = {
  code: 'limits-rate-missing',
  message: 'A burst without a rate would never come back.',
  mend: 'Add rate: how many calls a second.',
}
const QUOTA_INCOMPLETE = {
  code: 'limits-quota-incomplete',
  message: 'A quota has a limit and a period.',
  mend: 'Write quota: { limit: 10000, period: DAY }.',
}
const METER_NEEDED = {
  code: 'limits-meter',
  message: 'A quota counts calls, so its usage is kept.',
  mend: 'Remove meter: false.',
}
const NOTHING = {
  code: 'limits-empty',
  message: 'The limits limit nothing.',
  mend: 'Add rate, quota, clients, or meter: true to count calls only.',
}

function isPeriod(value: unknown): value is Quota['period'] {
  return typeof value === 'string' && Object.hasOwn(OFFSET_MAX, value)
}
