/** The `yaml` package, loaded when the first YAML is read or written: a server that serves its store never needs it. */

import { createRequire } from 'node:module'

type YamlPackage = typeof import('yaml')

let loaded: YamlPackage | undefined

export function yamlPackage(): YamlPackage {
  loaded ??= createRequire(import.meta.url)('yaml') as YamlPackage
  return loaded
}
