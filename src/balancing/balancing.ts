/**
 * The load balancers of one worker: what of the balancing document its integrations use, compiled, and the checks of those
 * targets that are this worker's to check.
 *
 * A document is prepared with the stages and committed with them; until then nothing changes. Origins that integrations
 * hold stay, and so does what is known of targets that stay. `useTargets` replaces the targets of one group in between,
 * for groups whose targets are discovered.
 */

import { assert } from '../base/assert.ts'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { TimerWheel } from '../base/timer-wheel.ts'
import type { BalancingDocument } from '../domain/balancing.ts'
import type { Target, TargetGroup } from '../domain/target-group.ts'
import type { Origin } from '../http/client/origin.ts'
import type { OriginAddress } from '../http/client/origin-pool.ts'
import type { OriginLimits } from '../http/client/origin-request.ts'
import type { OriginTls } from '../http/client/origin-tls.ts'
import { type CompiledListener, compileListener, ListenerOrigin } from './listener-origin.ts'
import { RuleError } from './listener-rules.ts'
import { DIRECT, groupKey, type Reaching, targetKey, targetsOf, waysToGroups } from './reach.ts'
import { compileMatcher } from './status-matcher.ts'
import { stickyId } from './stickiness.ts'
import { BalancedGroup } from './target-group.ts'
import { type TargetMemory, TargetTable } from './target-memory.ts'
import { TargetWatches } from './target-watches.ts'

/** How an integration reaches targets. */
export interface TargetWay {
  /** The VPC link that an agent serves; undefined: the networks of the gateway. */
  readonly vpcLinkId: string | undefined
  /** The same with whose calls they are (`OriginAddress.via`). */
  readonly via: string | undefined
  /** Sent and verified where the group does not say; undefined: the host of the target. */
  tls(host: string, serverName: string | undefined): OriginTls
  /** Ways that are alike have the same. */
  readonly key: string
}

/** What comes with a deployment: memory, and which row is whose. */
export interface DeployedTargets {
  readonly memory: TargetMemory
  readonly rows: ReadonlyMap<string, number>
  /** By ARN of the group: targets that were discovered, besides those of the document. */
  readonly discovered: ReadonlyMap<string, readonly Target[]>
}

export interface BalancingParts {
  readonly worker: number
  readonly workers: number
  readonly clock: Clock
  readonly timers: TimerWheel
  readonly random: Random
  readonly limits: OriginLimits
  /** For calls of clients; shared by all that lead there. */
  readonly origin: (address: OriginAddress) => Origin
  /** For checks. */
  readonly checkOrigin: (address: OriginAddress) => Origin
}

interface Way {
  readonly listenerArn: string
  readonly way: TargetWay
  readonly origin: ListenerOrigin
}

interface HeldGroup {
  readonly group: BalancedGroup
  readonly arn: string
}

interface Prepared {
  readonly configuration: Reaching
  readonly deployed: DeployedTargets
  readonly listeners: Map<ListenerOrigin, CompiledListener | undefined>
  readonly groups: Map<string, HeldGroup>
}

const NOTHING: BalancingDocument = { revision: 0, listeners: {}, targetGroups: {} }

export class Balancing {
  readonly #parts: BalancingParts
  readonly #watches: TargetWatches
  readonly #ways = new Map<string, Way>()
  #table: TargetTable | undefined
  #groups = new Map<string, HeldGroup>()
  #live: Pick<Prepared, 'configuration' | 'deployed'> | undefined
  #prepared: Prepared | undefined

  constructor(parts: BalancingParts) {
    this.#parts = parts
    this.#watches = new TargetWatches(parts)
  }

  /** Throws RuleError. */
  prepare(configuration: Reaching, deployed: DeployedTargets): void {
    this.#table ??= new TargetTable(deployed.memory, this.#parts.worker, this.#parts.clock)
    this.#prepared = { configuration, deployed, listeners: new Map(), groups: new Map() }
    this.#validate(configuration.balancing ?? NOTHING)
    for (const { listenerArn, way, origin } of this.#ways.values()) {
      this.#compile(listenerArn, way, origin)
    }
  }

  /** While a configuration is prepared. The same origin for the same listener and way, for as long as the worker lives. */
  origin(listenerArn: string, way: TargetWay): ListenerOrigin {
    const key = `${listenerArn} ${way.via ?? DIRECT} ${way.key}`
    const known = this.#ways.get(key)
    if (known !== undefined) return known.origin
    const { limits, clock } = this.#parts
    const table = this.#table
    assert(table !== undefined, 'balancing is prepared before stages are')
    const origin = new ListenerOrigin({ listenerArn, limits, table, now: () => clock.now() })
    this.#ways.set(key, { listenerArn, way, origin })
    this.#compile(listenerArn, way, origin)
    return origin
  }

  /** `isUsed`: whether some stage still leads there. */
  commit(isUsed: (origin: Origin) => boolean): void {
    const prepared = this.#prepared
    if (prepared === undefined) return
    this.#prepared = undefined
    this.#live = prepared
    for (const [origin, rules] of prepared.listeners) origin.rules = rules
    for (const [key, { group }] of this.#groups) if (!prepared.groups.has(key)) group.close()
    this.#groups = prepared.groups
    for (const { group, arn } of this.#groups.values()) group.update(this.#groupNow(arn)!)
    for (const [key, { origin }] of this.#ways) if (!isUsed(origin)) this.#ways.delete(key)
    this.#watch()
  }

  discard(): void {
    this.#prepared = undefined
  }

  /** A group's targets, as they were discovered; rows of new ones come along. */
  useTargets(groupArn: string, deployed: DeployedTargets): void {
    if (this.#live === undefined) return
    this.#live = { ...this.#live, deployed }
    const now = this.#groupNow(groupArn)
    if (now === undefined) return
    for (const { group, arn } of this.#groups.values()) if (arn === groupArn) group.update(now)
    this.#watch()
  }

  /** Some target is reached by it. */
  uses(origin: Origin): boolean {
    for (const { group } of this.#groups.values()) {
      if (group.targets.some((target) => target.origin === origin)) return true
    }
    return false
  }

  close(): void {
    this.#watches.close()
    for (const { group } of this.#groups.values()) group.close()
  }

  #compile(listenerArn: string, way: TargetWay, origin: ListenerOrigin): void {
    const prepared = this.#prepared!
    const document = prepared.configuration.balancing ?? NOTHING
    const listener = document.listeners[listenerArn]
    const rules =
      listener === undefined
        ? undefined
        : compileListener(listener, (arn) => this.#group(arn, way), this.#parts.limits)
    prepared.listeners.set(origin, rules)
  }

  /** A group as one way needs it: what is there goes on, and a new one is empty until the commit. */
  #group(arn: string, way: TargetWay): BalancedGroup | undefined {
    const { configuration, deployed, groups } = this.#prepared!
    const group = configuration.balancing?.targetGroups[arn]
    if (group === undefined) return undefined
    const key = `${groupKey(arn, way.via ?? DIRECT)} ${way.key}`
    const row = deployed.rows.get(groupKey(arn, way.vpcLinkId ?? DIRECT))
    assert(row !== undefined, 'every group that is served has a row')
    const known = groups.get(key) ?? this.#groups.get(key)
    const held = known ?? { arn, group: this.#newGroup(group, row, way) }
    groups.set(key, held)
    return held.group
  }

  #newGroup(group: TargetGroup, row: number, way: TargetWay): BalancedGroup {
    const { timers, random } = this.#parts
    const table = this.#table!
    const partsOf = (target: Target) => {
      const key = targetKey(group.arn, way.vpcLinkId ?? DIRECT, target)
      const targetRow = this.#live!.deployed.rows.get(key)
      assert(targetRow !== undefined, 'every target that is served has a row')
      const origin = this.#parts.origin(this.#addressOf(group.arn, target, way))
      return { row: targetRow, origin, id: stickyId(targetKey(group.arn, DIRECT, target)), table }
    }
    return new BalancedGroup(group, { table, timers, random, row, partsOf })
  }

  #addressOf(groupArn: string, { host, port }: Target, way: TargetWay): OriginAddress {
    const { protocol, serverNameToVerify } = this.#groupNow(groupArn)!
    const tls = protocol === 'HTTPS' ? way.tls(host, serverNameToVerify) : undefined
    return { host, port, tls, ...(way.via === undefined ? {} : { via: way.via }) }
  }

  /** As the live document has it, with the targets that were discovered. */
  #groupNow(arn: string): TargetGroup | undefined {
    const { configuration, deployed } = this.#live!
    const group = configuration.balancing?.targetGroups[arn]
    if (group === undefined || !deployed.discovered.has(arn)) return group
    return { ...group, targets: targetsOf(group, deployed.discovered) }
  }

  #watch(): void {
    const { configuration, deployed } = this.#live!
    const watched = []
    for (const [arn, vias] of waysToGroups(configuration)) {
      const group = this.#groupNow(arn)
      if (group !== undefined) for (const via of vias) watched.push({ group, via })
    }
    this.#watches.use(watched, deployed.rows, this.#table!)
  }

  /** Every rule of the document, whether an integration leads there or not: what cannot be enforced does not go live. */
  #validate({ listeners, targetGroups }: BalancingDocument): void {
    for (const { arn, healthCheck } of Object.values(targetGroups)) {
      if (healthCheck.protocol === 'TCP' || !healthCheck.enabled) continue
      if (compileMatcher(healthCheck.matcher) !== undefined) continue
      throw new RuleError(`${arn}: the matcher ${healthCheck.matcher} cannot be read`)
    }
    const stand = (group: TargetGroup) => this.#newGroup(group, 0, NO_WAY)
    for (const listener of Object.values(listeners)) {
      const groupOf = (arn: string) => {
        const group = targetGroups[arn]
        return group === undefined ? undefined : stand(group)
      }
      compileListener(listener, groupOf, this.#parts.limits)
    }
  }
}

const NO_WAY: TargetWay = {
  vpcLinkId: undefined,
  via: undefined,
  tls: () => ({ serverName: '', verify: true }),
  key: '',
}
