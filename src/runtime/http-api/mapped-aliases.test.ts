import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderFields } from '../../http/message/header-fields.ts'
import { HOP } from '../../http/message/known-headers.ts'
import { compileAliases } from './mapped-aliases.ts'

const SENT = [
  'X-User',
  'X_User',
  'x.user',
  'X-User-Id',
  'X_Other',
  'api_key',
  'X_USER',
  'User-Agent',
]

/** [names of the mapping, names of the client that still pass] */
const CASES: readonly [mapped: string[], passing: string[]][] = [
  [[], SENT],
  [['x-user'], ['X-User', 'X-User-Id', 'X_Other', 'api_key', 'User-Agent']],
  [['x-other', 'accept'], SENT.filter((name) => name !== 'X_Other')],
  [['x_user'], ['X-User-Id', 'X_Other', 'api_key', 'User-Agent']],
  [['user_agent'], SENT],
  [['api-key', 'x.user.id'], SENT.filter((name) => name !== 'api_key' && name !== 'X-User-Id')],
]

for (const [mapped, passing] of CASES) {
  test(`with ${JSON.stringify(mapped)} mapped, what is not taken for it passes`, () => {
    const fields = new HeaderFields(16)
    for (const name of SENT) fields.append(name, '1')
    compileAliases(mapped)(fields)
    assert.equal(fields.serialize(HOP), passing.map((name) => `${name}: 1\r\n`).join(''))
  })
}
