/** Small definitions, imported as ImportApi does it: for the tests of this folder. */

import { type LimitName, limitsOf } from '../../domain/limits.ts'
import { type HttpApiImport, type HttpApiImportOptions, importHttpApi } from './open-api.ts'

type Extra = Partial<Omit<HttpApiImportOptions, 'limits'>> & {
  readonly limits?: Partial<Record<LimitName, number>>
}

/** A definition with these members besides its head. */
export function importWith(members: object, { limits = {}, ...extra }: Extra = {}): HttpApiImport {
  const head = { openapi: '3.0.1', info: { title: 'T' }, paths: {} }
  const profile = extra.profile ?? 'extended'
  return importHttpApi(
    { file: 'a.json', text: JSON.stringify({ ...head, ...members }) },
    {
      accountId: '123456789012',
      region: 'eu-central-1',
      enforce: 'nothing',
      ...extra,
      profile,
      limits: limitsOf(profile, limits),
    },
  )
}

/** Code and place of everything that was told. */
export function toldBy({ problems }: HttpApiImport): string[] {
  return problems.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`)
}
