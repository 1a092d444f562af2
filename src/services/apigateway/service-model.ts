/** The model of apigateway (v1) as the program uses it: the table of the SDK package with what it does not say. */

import type { MemberShape, ServiceModel, StructureShape } from '../../aws/service-model.ts'
import { MODEL } from './generated/model.ts'

/** Parses the table; whoever serves the API calls this once, at start. Its actions are called by the name that policies use. */
export function readApiGatewayModel(): ServiceModel {
  const model = { ...(JSON.parse(MODEL) as ServiceModel), name: 'apigateway' }
  const outputs = new Set(Object.values(model.operations).map(({ output }) => output))
  const shapes = Object.entries(model.shapes).map(
    ([name, shape]) => [name, outputs.has(name) ? withPosition(shape) : shape] as const,
  )
  return { ...model, shapes: Object.fromEntries(shapes) }
}

/** The package has the place in a list in the query of the response, where there is none: it is in the body. */
function withPosition(shape: StructureShape): StructureShape {
  const { position, ...members } = shape.members
  if (position?.place !== 'query') return shape
  const inBody: MemberShape = { type: position.type }
  return { ...shape, members: { ...members, position: inBody } }
}
