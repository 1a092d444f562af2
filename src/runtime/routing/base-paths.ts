// hot path — see STYLE §8
/**
 * Base paths: whole leading segments of a canonical path, of which the longest wins.
 *
 * A base path is `/orders/v1` here; `/orders/v1` and everything below `/orders/v1/` begin with it, `/orders/v10` does not.
 */

/** Offset in `path` behind its first `count` segments; its length when it has no more. */
export function endOfSegments(path: string, count: number): number {
  let end = 0
  for (let i = 0; i < count; i++) {
    end = path.indexOf('/', end + 1)
    if (end === -1) return path.length
  }
  return end
}

export function beginsWith(path: string, basePath: string): boolean {
  if (!path.startsWith(basePath)) return false
  return path.length === basePath.length || path.charCodeAt(basePath.length) === SLASH
}

const SLASH = 0x2f

export class BasePaths<Target> {
  readonly #targets: ReadonlyMap<string, Target>
  /** For paths that begin with none of the others. */
  readonly #root: Target | undefined
  readonly #segmentsMax: number

  /** By base path; '' takes what no other takes. */
  constructor(targets: ReadonlyMap<string, Target>) {
    const depths = [...targets.keys()].map((basePath) => basePath.split('/').length - 1)
    this.#targets = targets
    this.#root = targets.get('')
    this.#segmentsMax = Math.max(0, ...depths)
  }

  /** What the longest base path of this path leads to. */
  find(path: string): Target | undefined {
    let end = endOfSegments(path, this.#segmentsMax)
    while (end > 0) {
      const found = this.#targets.get(path.slice(0, end))
      if (found !== undefined) return found
      end = path.lastIndexOf('/', end - 1)
    }
    return this.#root
  }
}
