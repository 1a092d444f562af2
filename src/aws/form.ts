/**
 * The body of a call of the Query protocol: `Action=…&Tags.member.1.Key=…` as a tree.
 *
 * Strict: UTF-8, no parameter twice, bounded in number and depth. What a parameter means is for `query.ts`.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */

import { ServiceError } from './service-error.ts'

/** A parameter and those below it: `Tags.member.1.Key` is four deep. */
export interface FormNode {
  value: string | undefined
  readonly children: Map<string, FormNode>
}

const PARAMETERS_MAX = 10_000
const DEPTH_MAX = 24

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws a SerializationException. */
export function parseForm(body: Uint8Array): FormNode {
  const root = newNode()
  const pieces = textOf(body).split('&', PARAMETERS_MAX + 1)
  if (pieces.length > PARAMETERS_MAX)
    throw malformed(`it has more than ${PARAMETERS_MAX} parameters`)
  for (const piece of pieces) {
    if (piece === '') continue
    const equals = piece.indexOf('=')
    const name = decoded(equals === -1 ? piece : piece.slice(0, equals))
    const node = nodeAt(root, name)
    if (node.value !== undefined) throw malformed(`${shown(name)} is there twice`)
    node.value = equals === -1 ? '' : decoded(piece.slice(equals + 1))
  }
  return root
}

function newNode(): FormNode {
  return { value: undefined, children: new Map() }
}

function nodeAt(root: FormNode, name: string): FormNode {
  const path = name.split('.', DEPTH_MAX + 1)
  if (path.length > DEPTH_MAX) throw malformed(`${shown(name)} is too deep`)
  let node = root
  for (const key of path) {
    let child = node.children.get(key)
    if (child === undefined) {
      child = newNode()
      node.children.set(key, child)
    }
    node = child
  }
  return node
}

function textOf(body: Uint8Array): string {
  try {
    return utf8.decode(body)
  } catch {
    throw malformed('it is not UTF-8')
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw malformed(`${shown(text)} is not escaped properly`)
  }
}

function malformed(reason: string): ServiceError {
  return new ServiceError('SerializationException', `The form cannot be read: ${reason}.`)
}

function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
