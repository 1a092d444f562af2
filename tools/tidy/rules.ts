/**
 * The rules of STYLE.md as pure functions: facts and a table in, findings out.
 *
 * A finding is one line, `path:line: what is wrong; what to do instead`. No finding: the rule holds. The tables
 * themselves (which folder may import which, what is banned where, who is excused and why) stand in
 * `test/tidy.test.ts`, where they can be counted.
 */

import { posix } from 'node:path'
import type { SourceFacts } from './source-facts.ts'

/** Excused by a written reason: `path` or `path#function` → a sentence. */
export type Reasons = Readonly<Record<string, string>>

/** The folders of `src/`, left to right; a folder imports itself and what stands to its left in its own plane. */
export interface Planes {
  readonly shared: readonly string[]
  readonly data: readonly string[]
  readonly control: readonly string[]
  /** Import anything of the planes and, among themselves, to the left. */
  readonly top: readonly string[]
  /** Folders whose own sub-folders do not know each other. */
  readonly islands: readonly string[]
}

export interface Banned {
  /** A name as `SourceFacts.uses` spells it, or `import:` and a module. */
  readonly name: string
  readonly instead: string
  /** Paths that begin so are not looked at. */
  readonly allowedIn: readonly string[]
  /** Paths that begin so are; default: `src/`. */
  readonly within?: string
  readonly testsToo?: boolean
}

export interface Sizes {
  readonly fileLinesMax: number
  readonly functionLinesMax: number
  readonly parametersMax: number
  readonly exportsMax: number
}

export function isTest(path: string): boolean {
  return /\.(test|suite)\.ts$/.test(path) || path.startsWith('test/')
}

/** Imports that point the wrong way between the folders of `src/`. */
export function wrongDirections(sources: readonly SourceFacts[], planes: Planes): string[] {
  const findings: string[] = []
  for (const source of sources) {
    if (!source.path.startsWith('src/')) continue
    for (const { target, line } of source.imports) {
      if (target.includes(':') || !/^\.*\/?(src|test|tools|bench|examples|bin)\//.test(target))
        continue
      const why = wrongImport(source.path, target, planes)
      if (why !== '') findings.push(`${source.path}:${line}: imports ${target}; ${why}`)
    }
  }
  return findings
}

function wrongImport(from: string, to: string, planes: Planes): string {
  if (!to.startsWith('src/')) return 'src/ imports nothing from outside src/'
  const source = folderOf(from)
  const target = folderOf(to)
  if (source === target) return wrongIsland(from, to, planes)
  const top = planes.top.indexOf(source)
  if (top !== -1) {
    return planes.top.indexOf(target) < top ? '' : `${target}/ stands above ${source}/`
  }
  if (planes.top.includes(target)) return `nobody imports ${target}/`
  const lines = [planes.data, planes.control].map((plane) => [...planes.shared, ...plane])
  const line = lines.find((names) => names.includes(source))
  if (line === undefined)
    return `src/${source}/ is in no plane: add it to the table in tidy.test.ts`
  const position = line.indexOf(target)
  if (position !== -1 && position < line.indexOf(source)) return ''
  return `${source}/ may not know ${target}/ (STYLE §3)`
}

function wrongIsland(from: string, to: string, planes: Planes): string {
  const island = folderOf(from)
  if (!planes.islands.includes(island)) return ''
  return from.split('/')[2] === to.split('/')[2]
    ? ''
    : `the folders of ${island}/ do not know each other (STYLE §3)`
}

function folderOf(path: string): string {
  const second = path.split('/')[1]!
  return second.endsWith('.ts') ? second.slice(0, -3) : second
}

/** Rings of imports that load each other; a type-only import loads nothing. */
export function cycles(sources: readonly SourceFacts[]): string[] {
  const imports = new Map(
    sources.map((source) => [
      source.path,
      source.imports.filter((one) => !one.typeOnly).map((one) => one.target),
    ]),
  )
  const findings: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at !== -1) findings.push(`${[...trail.slice(at), path].join(' → ')}: a ring of imports`)
    if (at !== -1 || done.has(path)) return
    for (const target of imports.get(path) ?? []) walk(target, [...trail, path])
    done.add(path)
  }
  for (const path of imports.keys()) walk(path, [])
  return findings
}

/** Files, functions, parameter lists and export lists above their size, without a written reason. */
export function oversized(
  sources: readonly SourceFacts[],
  sizes: Sizes,
  reasons: Reasons,
): string[] {
  return sources
    .flatMap((source) => oversizes(source, sizes))
    .filter(({ key }) => reasons[key] === undefined)
    .map(({ finding }) => finding)
}

/** Reasons that excuse nothing any more. */
export function staleReasons(
  sources: readonly SourceFacts[],
  sizes: Sizes,
  reasons: Reasons,
): string[] {
  const needed = new Set(
    sources.flatMap((source) => oversizes(source, sizes)).map(({ key }) => key),
  )
  return Object.keys(reasons).filter((key) => !needed.has(key))
}

interface Oversize {
  /** How a reason names it. */
  readonly key: string
  readonly finding: string
}

function oversizes(source: SourceFacts, sizes: Sizes): Oversize[] {
  const { path } = source
  if (isGenerated(source)) return []
  const found: Oversize[] = []
  const add = (key: string, finding: string): void => void found.push({ key, finding })
  if (source.lines > sizes.fileLinesMax) add(path, `${path}: ${source.lines} lines; split it`)
  if (isTest(path)) return found
  const { length } = source.exports
  if (length > sizes.exportsMax) {
    add(`${path}#exports`, `${path}: ${length} exports; is this one noun?`)
  }
  for (const { name, line, lines, parameters } of source.functions) {
    const place = `${path}:${line}: ${name}`
    if (lines > sizes.functionLinesMax) {
      add(`${path}#${name}`, `${place} has ${lines} lines; give its parts names`)
    }
    if (parameters > sizes.parametersMax) {
      add(`${path}#${name}`, `${place} takes ${parameters} parameters; take one options object`)
    }
  }
  return found
}

function isGenerated(source: SourceFacts): boolean {
  return /^(\/\/|\/\*).*generated by/i.test(source.text.slice(0, source.text.indexOf('\n')))
}

/** Uses of what the house has replaced. */
export function bannedUses(sources: readonly SourceFacts[], table: readonly Banned[]): string[] {
  return sources.flatMap((source) =>
    table
      .filter((banned) => applies(banned, source.path))
      .flatMap((banned) =>
        linesOf(source, banned.name).map(
          (line) => `${source.path}:${line}: ${banned.name}; ${banned.instead}`,
        ),
      ),
  )
}

function applies(banned: Banned, path: string): boolean {
  if (!path.startsWith(banned.within ?? 'src/')) return false
  if (isTest(path) && banned.testsToo !== true) return false
  return !banned.allowedIn.some((place) => path.startsWith(place) || path.endsWith(place))
}

function linesOf(source: SourceFacts, name: string): number[] {
  const facts = name.startsWith('import:')
    ? source.imports.filter((one) => !one.typeOnly && `import:${one.target}` === name)
    : source.uses.filter((use) => use.name === name)
  return facts.map((fact) => fact.line)
}

/** Lines of text that no file may hold. `pattern` is tried on each line. */
export function bannedText(
  files: readonly { readonly path: string; readonly text: string }[],
  pattern: RegExp,
  sentence: string,
): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${sentence}`] : [])),
  )
}

/** Files of `src/` that nothing in the program reaches; what only tests use must be named for tests. */
export function deadFiles(sources: readonly SourceFacts[], entries: readonly string[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const reached = new Set<string>()
  const visit = (path: string): void => {
    const source = byPath.get(path)
    if (source === undefined || reached.has(path)) return
    reached.add(path)
    for (const one of source.imports) visit(one.target)
    for (const mention of source.mentions) visit(mention)
  }
  for (const entry of entries) visit(entry)
  for (const source of sources) {
    if (!source.path.startsWith('src/')) visit(source.path)
    else if (isTest(source.path)) visitTestParts(source, byPath, visit)
  }
  return sources
    .filter(({ path }) => path.startsWith('src/') && !isTest(path) && !reached.has(path))
    .map(({ path }) => `${path}: nothing reaches it from ${entries.join(', ')}; delete or wire it`)
}

/** A test keeps its slow twin alive, not the code that it tests. */
function visitTestParts(
  test: SourceFacts,
  byPath: ReadonlyMap<string, SourceFacts>,
  visit: (path: string) => void,
): void {
  for (const { target } of test.imports) {
    if (byPath.has(target) && /\.(reference|fake|suite)\.ts$/.test(target)) visit(target)
  }
}

/** Names of files and folders that say nothing, and entry files that hide where things come from. */
export function emptyNames(paths: readonly string[]): string[] {
  const nouns = /(^|\/)(utils?|helpers?|common|shared|misc|lib|legacy|v\d+)(\.ts|\/)/
  return paths.flatMap((path) => {
    if (posix.basename(path) === 'index.ts') return [`${path}: name it after its folder (STYLE §4)`]
    return nouns.test(path) ? [`${path}: that is no noun of the domain (STYLE §4)`] : []
  })
}
