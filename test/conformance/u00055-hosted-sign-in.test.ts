/** The hosted pages as a person meets them: Chromium, a real pool, an application that waits for its code. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { focusedId, openPage, tabTo } from '../harness/browser.ts'
import { type HostedPool, PASSWORD, startHostedPool } from '../harness/hosted-pool.ts'

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const NEW_PASSWORD = 'Other-Horse-8'

function authorizeUrl(hosted: HostedPool, changes: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: hosted.clientId, redirect_uri: hosted.app.callback },
    ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256', state: 'a b', ...changes },
  })
  return `${hosted.issuer}/oauth2/authorize?${query}`
}

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.fill('#username', username)
  await page.fill('#password', password)
  await page.click('button[type=submit]')
}

/** The browser is back at the application, with a code. */
async function cameBack(page: Page, hosted: HostedPool): Promise<void> {
  await page.waitForSelector('#app')
  const { searchParams } = hosted.app.lastCallback()
  assert.match(searchParams.get('code') ?? '', /^[\w-]{20,}$/)
  assert.equal(searchParams.get('state'), 'a b')
}

test('u00055 signing in with the keyboard alone, wrong first, and not again', async (t) => {
  const hosted = await startHostedPool(t)
  await hosted.addUser('ana', PASSWORD)
  const { page, complaints } = await openPage(t, { javaScriptEnabled: true })
  await page.goto(authorizeUrl(hosted))
  assert.equal(await page.title(), 'Sign in – Corner Shop')
  assert.equal(await focusedId(page), 'username')
  await page.keyboard.type('ana')
  await tabTo(page, 'password')
  await page.keyboard.type('wrong')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[role=alert]')
  assert.match(await page.title(), /^Error: /)
  assert.match((await page.textContent('[role=alert]')) ?? '', /Incorrect username or password/)
  assert.equal(await focusedId(page), 'password', 'the focus is where the mistake was')
  assert.equal(await page.getAttribute('#password', 'aria-describedby'), 'error')
  assert.equal(await page.inputValue('#username'), 'ana')
  await page.keyboard.type(PASSWORD)
  await tabTo(page, 'button')
  await page.keyboard.press('Space')
  await cameBack(page, hosted)
  const first = hosted.app.lastCallback().href
  await page.goto(authorizeUrl(hosted))
  await cameBack(page, hosted)
  assert.notEqual(hosted.app.lastCallback().href, first, 'the session gives a new code')
  assert.deepEqual(complaints, [])
})

test('u00055 it works without JavaScript, on a small screen, and every control is labelled and large enough', async (t) => {
  const hosted = await startHostedPool(t)
  await hosted.addUser('ana', PASSWORD)
  const viewport = { width: 360, height: 640 }
  const { page } = await openPage(t, { javaScriptEnabled: false, viewport })
  for (const path of ['login', 'signup', 'forgotPassword']) {
    await page.goto(authorizeUrl(hosted).replace('oauth2/authorize', path))
    const width = await page
      .locator('main')
      .evaluate((main) => main.ownerDocument.documentElement.scrollWidth)
    assert.ok(width <= viewport.width, `${path} needs no scrolling to the side`)
    assert.equal(await page.getAttribute('html', 'lang'), 'en')
    for (const input of await page.locator('input:not([type=hidden])').all()) {
      const id = await input.getAttribute('id')
      assert.notEqual(await page.textContent(`label[for="${id}"]`), '', id ?? '')
      assert.notEqual(await input.getAttribute('autocomplete'), null, id ?? '')
      assert.ok((await input.boundingBox())!.height >= 44, 'easy to hit with a finger')
    }
  }
  await page.goto(authorizeUrl(hosted))
  await signIn(page, 'ana', PASSWORD)
  await cameBack(page, hosted)
})

test('u00055 making an account: the code is in the outbox', async (t) => {
  const hosted = await startHostedPool(t, { pool: { UsernameAttributes: ['email'] } })
  const { page, complaints } = await openPage(t)
  await page.goto(authorizeUrl(hosted))
  await page.click('text=Create an account')
  await page.fill('#username', 'new@example.com')
  await page.fill('#password', 'short')
  await page.fill('#confirmation', 'short')
  await page.click('button[type=submit]')
  assert.match((await page.textContent('[role=alert]')) ?? '', /Password not long enough/)
  await page.fill('#password', PASSWORD)
  await page.fill('#confirmation', PASSWORD)
  await page.click('button[type=submit]')
  await page.waitForSelector('#code')
  const [message] = await hosted.outbox((await onlyUser(hosted))!)
  await page.fill('#code', message!.code)
  await page.click('text=Confirm account')
  await page.waitForSelector('[role=status]')
  await signIn(page, 'new@example.com', PASSWORD)
  await cameBack(page, hosted)
  assert.deepEqual(complaints, [])
})

async function onlyUser({ admin, poolId: UserPoolId }: HostedPool): Promise<string | undefined> {
  const { ListUsersCommand } = await import('@aws-sdk/client-cognito-identity-provider')
  const { Users } = await admin.send(new ListUsersCommand({ UserPoolId }))
  assert.equal(Users?.length, 1)
  return Users[0]!.Username
}

test('u00055 a first password is changed, a forgotten one replaced', async (t) => {
  const hosted = await startHostedPool(t)
  await hosted.addUser('ben', undefined)
  const { page, complaints } = await openPage(t)
  await page.goto(authorizeUrl(hosted))
  await signIn(page, 'ben', PASSWORD)
  await page.waitForSelector('#confirmation')
  await page.fill('#password', NEW_PASSWORD)
  await page.fill('#confirmation', NEW_PASSWORD)
  await page.click('button[type=submit]')
  await cameBack(page, hosted)
  await page.goto(authorizeUrl(hosted, { prompt: 'login' }))
  await page.click('text=Forgot your password?')
  await page.fill('#username', 'ben')
  await page.click('button[type=submit]')
  await page.waitForSelector('#code')
  await page.fill('#code', await hosted.lastCode('ben'))
  await page.fill('#password', PASSWORD)
  await page.fill('#confirmation', PASSWORD)
  await page.click('button[type=submit]')
  await page.waitForSelector('[role=status]')
  await signIn(page, 'ben', PASSWORD)
  await cameBack(page, hosted)
  assert.deepEqual(complaints, [])
})

test('u00055 signing out ends the session and goes where the client may', async (t) => {
  const hosted = await startHostedPool(t)
  await hosted.addUser('ana', PASSWORD)
  const { page } = await openPage(t)
  await page.goto(authorizeUrl(hosted))
  await signIn(page, 'ana', PASSWORD)
  await cameBack(page, hosted)
  const bye = encodeURIComponent(`${hosted.app.origin}/bye`)
  await page.goto(`${hosted.issuer}/logout?client_id=${hosted.clientId}&logout_uri=${bye}`)
  assert.equal(
    hosted.app.asked.findLast((target) => target !== '/favicon.ico'),
    '/bye',
  )
  await page.goto(authorizeUrl(hosted))
  await page.waitForSelector('#password')
})
