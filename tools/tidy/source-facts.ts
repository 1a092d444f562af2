/**
 * What the tidy rules need to know about a source file, read from the compiler's own syntax tree.
 *
 * One pass a file: imports, exports, functions with their sizes, names that are used. The rules in `rules.ts` are
 * pure functions of these facts. The compiler's programming interface is marked unstable by its makers and the
 * version is pinned, so this is the only file that touches it.
 */

import { posix, resolve } from 'node:path'
import * as is from 'typescript/unstable/ast/is'
import type { FileSystem } from 'typescript/unstable/fs'
import { API } from 'typescript/unstable/sync'

type SourceFile = NonNullable<ReturnType<Program['getSourceFile']>>
type Program = ReturnType<ReturnType<API['updateSnapshot']>['getProjects']>[number]['program']
type Node = Parameters<typeof is.isIdentifier>[0]

/** Everything the rules read; paths are relative to the root, with `/`. */
export interface SourceFacts {
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly ImportFact[]
  /** Relative paths named in strings (`new URL('./worker.ts', …)`), resolved against the root. */
  readonly mentions: readonly string[]
  readonly exports: readonly string[]
  readonly functions: readonly FunctionFact[]
  readonly uses: readonly UseFact[]
}

export interface ImportFact {
  /** Resolved against the root for relative specifiers, else as written. */
  readonly target: string
  readonly typeOnly: boolean
  readonly line: number
}

export interface FunctionFact {
  readonly name: string
  readonly line: number
  readonly lines: number
  readonly parameters: number
}

/** `Date.now`, `new Function`, `eval`, `: any`: the name as the rules spell it. */
export interface UseFact {
  readonly name: string
  readonly line: number
}

interface MutableFacts {
  imports: ImportFact[]
  mentions: string[]
  exports: string[]
  functions: FunctionFact[]
  uses: UseFact[]
}

/** Parses every file of the project under `root` that its `tsconfig.json` includes. */
export function readSourceFacts(root: string, fs?: FileSystem): SourceFacts[] {
  const api = new API(fs === undefined ? { cwd: root } : { cwd: root, fs })
  try {
    const project = api.updateSnapshot({ openProjects: [resolve(root, 'tsconfig.json')] })
    const program = project.getProjects()[0]?.program
    if (program === undefined) throw new Error(`no project at ${root}`)
    return program
      .getSourceFileNames()
      .filter((name) => name.startsWith(`${root}/`) && !name.includes('/node_modules/'))
      .toSorted()
      .map((name) => factsOf(program.getSourceFile(name)!, name.slice(root.length + 1)))
  } finally {
    api.close()
  }
}

function factsOf(file: SourceFile, path: string): SourceFacts {
  const facts: MutableFacts = { imports: [], mentions: [], exports: [], functions: [], uses: [] }
  const visit = (node: Node): void => {
    noteModule(file, path, node, facts)
    noteExport(node, facts)
    noteFunction(file, node, facts)
    noteUse(file, node, facts)
    node.forEachChild(visit)
  }
  file.forEachChild(visit)
  return { path, text: file.text, lines: file.text.split('\n').length - 1, ...facts }
}

function noteModule(file: SourceFile, path: string, node: Node, facts: MutableFacts): void {
  if (is.isImportDeclaration(node) || is.isExportDeclaration(node)) {
    const specifier = node.moduleSpecifier
    if (specifier === undefined || !is.isStringLiteral(specifier)) return
    const clause = is.isImportDeclaration(node) ? node.importClause : undefined
    // `import type { X }`; an `import { type X }` still loads the module.
    const typeOnly = clause === undefined ? node.getText(file).startsWith('export type') : false
    facts.imports.push({
      target: resolveFrom(path, specifier.text),
      typeOnly: typeOnly || /^import type\b/.test(node.getText(file)),
      line: lineOf(file, node),
    })
  } else if (is.isStringLiteral(node) && /^\.{1,2}\/.*\.(ts|cjs|js)$/.test(node.text)) {
    facts.mentions.push(resolveFrom(path, node.text))
  }
}

function noteExport(node: Node, facts: MutableFacts): void {
  if (is.isExportAssignment(node)) facts.exports.push('default')
  if (is.isExportSpecifier(node)) facts.exports.push(nameText(node.name))
  const modifiers =
    'modifiers' in node ? (node.modifiers as readonly Node[] | undefined) : undefined
  if (modifiers === undefined) return
  const words = modifiers.map((modifier) => modifier.getText())
  if (!words.includes('export')) return
  if (words.includes('default')) facts.exports.push('default')
  else if (is.isVariableStatement(node)) {
    for (const one of node.declarationList.declarations) facts.exports.push(nameText(one.name))
  } else facts.exports.push(nameText(nameOf(node)))
}

function noteFunction(file: SourceFile, node: Node, facts: MutableFacts): void {
  const isFunction =
    is.isFunctionDeclaration(node) ||
    is.isMethodDeclaration(node) ||
    is.isConstructorDeclaration(node) ||
    is.isGetAccessorDeclaration(node) ||
    is.isSetAccessorDeclaration(node) ||
    is.isArrowFunction(node) ||
    is.isFunctionExpression(node)
  if (!isFunction || node.body === undefined) return
  const line = lineOf(file, node)
  facts.functions.push({
    name: functionName(node),
    line,
    lines: file.getLineAndCharacterOfPosition(node.end).line + 2 - line,
    parameters: node.parameters.length,
  })
}

function functionName(node: Node): string {
  if (is.isConstructorDeclaration(node)) return 'constructor'
  const own = nameOf(node) ?? nameOf(node.parent)
  return own === undefined ? '(anonymous)' : nameText(own)
}

function noteUse(file: SourceFile, node: Node, facts: MutableFacts): void {
  const use = usedName(file, node)
  if (use !== undefined) facts.uses.push({ name: use, line: lineOf(file, node) })
}

function usedName(file: SourceFile, node: Node): string | undefined {
  if (is.isPropertyAccessExpression(node)) {
    if (!is.isIdentifier(node.expression)) return undefined
    return `${node.expression.text}.${node.name.text}`
  }
  if (is.isNewExpression(node)) {
    const empty = (node.arguments?.length ?? 0) === 0
    return `new ${node.expression.getText(file)}${empty ? '()' : ''}`
  }
  if (is.isCallExpression(node) && is.isIdentifier(node.expression)) {
    return `${node.expression.text}()`
  }
  // A keyword node: in this grammar `any` as a type is a token of its own.
  return is.isKeywordTypeNode(node) && node.getText(file) === 'any' ? 'any' : undefined
}

function nameOf(node: Node): Node | undefined {
  return 'name' in node ? (node.name as Node | undefined) : undefined
}

function nameText(node: Node | undefined): string {
  return node === undefined ? '(anonymous)' : node.getText()
}

function lineOf(file: SourceFile, node: Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
}

function resolveFrom(path: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier
}
