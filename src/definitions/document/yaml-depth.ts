/** Measures nesting on the token tree, without recursion, before anything that recurses sees it. */

import type { CST } from 'yaml'
import { type SourceFault, tooDeep } from './parsed-source.ts'
import { yamlPackage } from './yaml-package.ts'

interface Waiting {
  readonly token: CST.Token
  readonly depth: number
}

export function yamlDepthFault(
  tokens: readonly CST.Token[],
  depthMax: number,
): SourceFault | undefined {
  const waiting: Waiting[] = tokens.map((token) => ({ token, depth: 0 }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.depth > depthMax) return tooDeep(depthMax, next.token.offset, '')
    push(waiting, next)
  }
  return undefined
}

function push(waiting: Waiting[], { token, depth }: Waiting): void {
  if (token.type === 'document') {
    if (token.value) waiting.push({ token: token.value, depth })
  } else if (yamlPackage().CST.isCollection(token)) {
    for (const item of token.items) {
      if (item.key) waiting.push({ token: item.key, depth: depth + 1 })
      if (item.value) waiting.push({ token: item.value, depth: depth + 1 })
    }
  }
}
