/** How the hosted pages look: SetUICustomization by the official client, seen in Chromium. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { openPage } from '../harness/browser.ts'
import { startHostedPool } from '../harness/hosted-pool.ts'

test('u00059 a theme changes colors and loads nothing', async (t) => {
  const hosted = await startHostedPool(t)
  const { admin, poolId: UserPoolId } = hosted
  const set = (CSS: string) => admin.send(new sdk.SetUICustomizationCommand({ UserPoolId, CSS }))
  for (const css of [
    '.label-customizable { background: url(http://127.0.0.1:9/leak) }',
    '@import "http://127.0.0.1:9/leak";',
    'input[value^="a"] { color: red }',
    '.label-customizable { color: red } </style><script>1</script>',
  ]) {
    await assert.rejects(set(css), { name: 'InvalidParameterException' }, css)
  }
  await set('.submitButton-customizable { background-color: #0b5d1e; border-radius: 0 }')
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  const ImageFile = new Uint8Array(png)
  await admin.send(new sdk.SetUICustomizationCommand({ UserPoolId, ImageFile }))
  const svg = new sdk.SetUICustomizationCommand({ UserPoolId, ImageFile: Buffer.from('<svg/>') })
  await assert.rejects(admin.send(svg), /PNG or a JPEG/)
  const { UICustomization } = await admin.send(new sdk.GetUICustomizationCommand({ UserPoolId }))
  assert.match(UICustomization!.CSS!, /0b5d1e/)
  const { page, complaints } = await openPage(t)
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: hosted.clientId, redirect_uri: hosted.app.callback },
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  await page.goto(`${hosted.issuer}/login?${query}`)
  const color = await page
    .locator('button[type=submit]')
    .evaluate(
      (button) => button.ownerDocument.defaultView!.getComputedStyle(button).backgroundColor,
    )
  assert.equal(color, 'rgb(11, 93, 30)')
  const logo = page.locator('img.logo-customizable')
  assert.equal(await logo.getAttribute('alt'), 'Corner Shop')
  assert.equal(
    await logo.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    1,
  )
  assert.deepEqual(complaints, [])
})
