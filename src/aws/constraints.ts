/**
 * What the official packages do not say about members, merged into a model: lengths, ranges, patterns, whole numbers.
 *
 * The tables are written by hand, one for each service, from AWS's API reference. A row that names no member of the
 * model is a mistake of ours and stops the program at its start.
 */

import { assert } from '../base/assert.ts'
import type {
  Constraint,
  MemberShape,
  ServiceModel,
  Shape,
  StructureShape,
} from './service-model.ts'

/** Structure → member → what its value must satisfy. */
export type Constraints = Readonly<Record<string, Readonly<Record<string, Constraint>>>>

export function withConstraints(model: ServiceModel, constraints: Constraints): ServiceModel {
  const shapes: Record<string, StructureShape> = { ...model.shapes }
  for (const [name, rows] of Object.entries(constraints)) {
    const structure = shapes[name]
    assert(structure !== undefined, `${model.name} has the shape ${name} that constraints name`)
    const members: Record<string, MemberShape> = { ...structure.members }
    for (const [key, constraint] of Object.entries(rows)) {
      const member = members[key]
      assert(member !== undefined, `${model.name}'s ${name} has the member ${key}`)
      members[key] = { ...member, type: typeOf(member.type, constraint), constraint }
    }
    shapes[name] = { ...structure, members }
  }
  return { ...model, shapes }
}

function typeOf(type: Shape, { integer }: Constraint): Shape {
  return integer ? { kind: 'integer' } : type
}
