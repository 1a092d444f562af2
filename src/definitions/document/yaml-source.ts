/**
 * A definition written in YAML 1.2 (with the merge key `<<` of 1.1): the `yaml` package makes the tree, this file turns
 * it into plain values under a budget, so that aliases cannot multiply a small text into a large one.
 */

import type { Document, Node } from 'yaml'
import { keysOf } from './json-pointer.ts'
import type { ParsedSource, SourceFault, SourceLimits } from './parsed-source.ts'
import { clip } from './preview.ts'
import { yamlDepthFault } from './yaml-depth.ts'
import { yamlPackage } from './yaml-package.ts'
import { type MaybeNode, YamlValues } from './yaml-values.ts'

/** The first one is the cause of most that follow. */
const SYNTAX_FAULTS_MAX = 3

export function parseYaml(text: string, limits: SourceLimits): ParsedSource {
  const { Composer, Parser } = yamlPackage()
  const tokens = [...new Parser().parse(text)]
  const deep = yamlDepthFault(tokens, limits.definitionDepth)
  if (deep !== undefined) return unreadable([deep])
  // Own duplicate check: the package compares every key of a map with every other.
  const composer = new Composer({ uniqueKeys: false, merge: true, logLevel: 'silent' })
  const documents = [...composer.compose(tokens, true, text.length)] as Document<Node>[]
  const faults = syntaxFaults(documents, text)
  if (faults.length > 0) return unreadable(faults)
  const contents = documents[0]!.contents
  const values = new YamlValues(limits)
  const root = values.read(contents)
  const readable = values.faults.length === 0
  return {
    root: readable ? root : undefined,
    faults: values.faults,
    locate: (pointer) => locate(contents, pointer, values),
  }
}

function unreadable(faults: readonly SourceFault[]): ParsedSource {
  return { root: undefined, faults, locate: () => 0 }
}

/** Warnings count as faults: an unknown tag such as `!Sub` would otherwise be dropped and its text taken literally. */
function syntaxFaults(documents: readonly Document<Node>[], text: string): SourceFault[] {
  if (text.trim() === '') return [EMPTY]
  const faults: SourceFault[] = []
  for (const document of documents) {
    for (const error of document.errors) {
      faults.push(
        yamlFault('yaml-syntax', `This is not YAML: ${sentence(error.message)}`, error.pos[0]),
      )
    }
    for (const warning of document.warnings) {
      faults.push(yamlFault('yaml-tag', sentence(warning.message), warning.pos[0]))
    }
  }
  if (documents.length > 1) {
    const second = documents[1]!.range?.[0] ?? 0
    faults.push(yamlFault('yaml-syntax', 'There is more than one YAML document here.', second))
  }
  return faults.slice(0, SYNTAX_FAULTS_MAX)
}

const EMPTY: SourceFault = {
  code: 'definition-empty',
  message: 'The file is empty.',
  mend: 'Save the definition to it, or name another file.',
  offset: 0,
  pointer: '',
}

function yamlFault(code: string, message: string, offset: number): SourceFault {
  const mend =
    code === 'yaml-tag'
      ? 'Write the plain value: tags such as !Sub belong to CloudFormation and are not evaluated here.'
      : 'Mend the syntax here; indent with spaces, and quote text that holds ": ", "#" or braces.'
  return { code, message, mend, offset, pointer: '' }
}

function sentence(message: string): string {
  const line = clip(message.split('\n')[0]!.trim())
  return /[.!?]$/.test(line) ? line : `${line}.`
}

/** Walks the tree as far as it goes along the pointer. */
function locate(contents: Node | null, pointer: string, values: YamlValues): number {
  let node: MaybeNode = contents
  let offset = contents?.range?.[0] ?? 0
  for (const key of keysOf(pointer)) {
    const member = values.memberOf(node, key)
    if (member === undefined) return offset
    offset = member.offset
    node = member.value
  }
  return offset
}
