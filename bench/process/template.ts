/** Configuration templates of the peers: `{{name}}` becomes the value; a name without a value is an error. */
import { readFileSync, writeFileSync } from 'node:fs'

const PEERS = new URL('../peers/', import.meta.url)

export type TemplateValues = Readonly<Record<string, string | number>>

/** Fills `bench/peers/{name}` and writes it to `path`. */
export function writeTemplate(name: string, path: string, values: TemplateValues): void {
  writeFileSync(path, fillTemplate(readFileSync(new URL(name, PEERS), 'utf8'), values))
}

export function fillTemplate(text: string, values: TemplateValues): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`bench: the template has no value for {{${key}}}`)
    return String(value)
  })
}
