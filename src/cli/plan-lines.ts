/** A plan for people: what a deployment adds, takes away and changes, one line each. */

import type { MemberChange, Plan, PlannedRoute, PlanValue } from '../definitions/plan/plan.ts'
import type { Color, Paint } from './paint.ts'
import { printable } from './text-table.ts'

/** Longer values are cut: whole schemas belong into a file. */
const VALUE_LENGTH_MAX = 100

interface Sign {
  readonly mark: '+' | '-' | '~'
  readonly color: Color
}

const ADDED: Sign = { mark: '+', color: 'green' }
const REMOVED: Sign = { mark: '-', color: 'red' }
const CHANGED: Sign = { mark: '~', color: 'yellow' }

/** Routes first, then what is common to all of them, then how many of each. */
export function planLines(plan: Plan, paint: Paint): string[] {
  if (plan.isEmpty) return ['  no changes']
  const { addedRoutes, removedRoutes, changedRoutes } = plan
  const routes = [...addedRoutes, ...removedRoutes, ...changedRoutes]
  const width = Math.max(0, ...routes.map(({ routeKey }) => printable(routeKey).length))
  const line = (sign: Sign, route: PlannedRoute) => paint(sign.color, routeLine(sign, route, width))
  return [
    ...addedRoutes.map((route) => line(ADDED, route)),
    ...removedRoutes.map((route) => line(REMOVED, route)),
    ...changedRoutes.flatMap((route) => [
      line(CHANGED, route),
      ...route.changes.map((change) => changeLine(change, paint)),
    ]),
    ...section('api', plan.api, paint),
    ...section('stage', plan.stage, paint),
    ...section('resources', plan.resources, paint),
    summaryOf(plan),
  ]
}

function routeLine({ mark }: Sign, { routeKey, target }: PlannedRoute, width: number): string {
  const key = printable(routeKey).padEnd(width)
  return `  ${mark} ${key}  ${target === undefined ? '' : printable(target)}`.trimEnd()
}

function section(name: string, changes: readonly MemberChange[], paint: Paint): string[] {
  if (changes.length === 0) return []
  return [
    paint(CHANGED.color, `  ${CHANGED.mark} ${name}`),
    ...changes.map((change) => changeLine(change, paint)),
  ]
}

function changeLine({ member, before, after }: MemberChange, paint: Paint): string {
  const name = printable(member)
  if (before === undefined) return paint('green', `      ${name}: ${valueText(after)}`)
  if (after === undefined) return paint('red', `      ${name}: ${valueText(before)} → nothing`)
  return `      ${name}: ${paint('red', valueText(before))} → ${paint('green', valueText(after))}`
}

function valueText(value: PlanValue | undefined): string {
  const text = typeof value === 'string' && value !== '' ? value : (JSON.stringify(value) ?? '')
  const short = text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text
  return printable(short)
}

function summaryOf(plan: Plan): string {
  const counts = [
    [plan.addedRoutes.length, 'added'],
    [plan.changedRoutes.length, 'changed'],
    [plan.removedRoutes.length, 'removed'],
  ] as const
  const settings = plan.api.length + plan.stage.length + plan.resources.length
  const routes = counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${count === 1 ? 'route' : 'routes'} ${what}`)
  const others = settings === 0 ? [] : [`${settings} ${settings === 1 ? 'setting' : 'settings'}`]
  return `  ${[...routes, ...others].join(', ')}`
}
