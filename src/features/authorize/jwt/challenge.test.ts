import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REASONS, type Reason } from '../../../observability/explain/reasons.ts'
import { challenge } from './challenge.ts'
import type { TokenReason } from './verdict.ts'

test('the forms of API Gateway', () => {
  assert.equal(challenge('TOKEN_MISSING', ['read']), 'www-authenticate: Bearer\r\n')
  assert.equal(
    challenge('TOKEN_AUDIENCE_WRONG', []),
    'www-authenticate: Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"\r\n',
  )
  assert.match(
    challenge('SCOPE_MISSING', ['read', 'shop/write']),
    /^www-authenticate: Bearer scope="read shop\/write" error="insufficient_scope" /,
  )
})

test('a scope cannot leave its quotes', () => {
  const scopes = ['a"b', 'c\\d', 'e\r\nSet-Cookie: f', 'g h', 'é', '', 'good']
  assert.match(challenge('SCOPE_MISSING', scopes), / scope="good" error=/)
})

test('every reason of an authorizer is one line, and tells nothing of the issuer being down', () => {
  for (const [reason, { step }] of Object.entries<Reason>(REASONS)) {
    if (step !== 'authorize') continue
    assert.match(challenge(reason as TokenReason, []), /^www-authenticate: Bearer[^\r\n]*\r\n$/)
  }
  assert.doesNotMatch(challenge('ISSUER_UNREACHABLE', []), /issuer|discovery|keys|http/)
})
