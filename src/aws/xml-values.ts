/**
 * The values of a model as XML, the way the Query protocol writes them. Nothing but elements and text.
 *
 * Characters that XML cannot carry (https://www.w3.org/TR/xml/#charsets) become U+FFFD.
 */

import { structureOf, writeText } from './json-values.ts'
import type { ServiceModel, Shape, StructureShape } from './service-model.ts'

type Structure = Readonly<Record<string, unknown>>

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
}
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu

/** `content` is XML. */
export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

export function textElement(name: string, text: string): string {
  return element(name, escaped(text))
}

export class XmlValues {
  readonly #model: ServiceModel

  constructor(model: ServiceModel) {
    this.#model = model
  }

  /** The elements of its members, one after the other. */
  structure({ members }: StructureShape, value: Structure): string {
    let xml = ''
    for (const [name, { type, xmlName = name }] of Object.entries(members)) {
      const item = value[name]
      if (item !== undefined && item !== null) xml += this.#member(xmlName, type, item)
    }
    return xml
  }

  #member(name: string, shape: Shape, value: unknown): string {
    if (shape.kind === 'list') return this.#list(name, shape, value as readonly unknown[])
    if (shape.kind === 'map') return this.#map(name, shape, value as Structure)
    return element(name, this.#content(shape, value))
  }

  #list(
    name: string,
    { member, flat }: Extract<Shape, { kind: 'list' }>,
    value: readonly unknown[],
  ): string {
    const elements = value.map((item) => this.#member(flat ? name : 'member', member, item))
    return flat ? elements.join('') : element(name, elements.join(''))
  }

  #map(name: string, shape: Extract<Shape, { kind: 'map' }>, value: Structure): string {
    const entries = Object.entries(value).map(([key, item]) =>
      element(
        shape.flat ? name : 'entry',
        textElement('key', key) + this.#member('value', shape.value, item),
      ),
    )
    return shape.flat ? entries.join('') : element(name, entries.join(''))
  }

  #content(shape: Shape, value: unknown): string {
    if (shape.kind === 'structure') {
      return this.structure(structureOf(this.#model, shape.name), value as Structure)
    }
    return escaped(writeText(shape, value))
  }
}

function escaped(text: string): string {
  return text.replaceAll(FORBIDDEN, '\ufffd').replaceAll(/[&<>"\r]/g, (found) => ESCAPES[found]!)
}
