/**
 * 50, for the hosted pages, in Chromium: markup in names, forms that other sites send, frames, planted sessions.
 */

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { openPage } from '../harness/browser.ts'
import { type HostedPool, PASSWORD, startHostedPool } from '../harness/hosted-pool.ts'

const EVIL = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`

function loginUrl(hosted: HostedPool, changes: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: hosted.clientId, redirect_uri: hosted.app.callback },
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    ...{ code_challenge_method: 'S256', ...changes },
  })
  return `${hosted.issuer}/login?${query}`
}

/** A page of somebody else. */
async function elsewhere(t: TestContext, html: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(html)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`
}

async function isSignedIn(page: Page, hosted: HostedPool): Promise<boolean> {
  await page.goto(loginUrl(hosted).replace('/login?', '/oauth2/authorize?'))
  return page.url().startsWith(hosted.app.origin)
}

test('50 markup in what users write and in the error about it stays text', async (t) => {
  const hosted = await startHostedPool(t)
  const { page } = await openPage(t)
  await page.goto(loginUrl(hosted, { login_hint: EVIL, state: EVIL }))
  assert.equal(await page.inputValue('#username'), EVIL)
  await page.fill('#password', EVIL)
  await page.click('button[type=submit]')
  await page.waitForSelector('[role=alert]')
  assert.equal(await page.locator('main img, main script').count(), 0)
  await page.click('text=Forgot your password?')
  await page.fill('#username', EVIL)
  await page.click('button[type=submit]')
  await page.waitForSelector('h1')
  assert.equal(await page.locator('main img, main script').count(), 0)
  assert.doesNotMatch(await page.title(), /owned/)
})

test('50 a script that stands in the page all the same does not run', async (t) => {
  const hosted = await startHostedPool(t)
  const { page, complaints } = await openPage(t)
  await page.route('**/login?*', async (route) => {
    const response = await route.fetch()
    const body = (await response.text()).replace('<main>', `<main>${EVIL}`)
    await route.fulfill({ response, body })
  })
  await page.goto(loginUrl(hosted))
  assert.equal(await page.locator('main script').count(), 1)
  assert.doesNotMatch(await page.title(), /owned/)
  assert.ok(complaints.length > 0, 'the browser refused it')
})

test('50 another site can neither send the form nor show the page in a frame', async (t) => {
  const hosted = await startHostedPool(t)
  await hosted.addUser('mallory', PASSWORD)
  const { page } = await openPage(t)
  // The victim has a form cookie already.
  await page.goto(loginUrl(hosted))
  const fields = `<input name="username" value="mallory"><input name="password" value="${PASSWORD}">`
  const action = loginUrl(hosted).replaceAll('&', '&amp;')
  const form = `<form method="post" action="${action}">${fields}<button id="go">Win</button></form>`
  await page.goto(await elsewhere(t, form))
  await Promise.all([page.waitForURL(/\/login\?/), page.click('#go')])
  assert.match((await page.textContent('[role=alert]')) ?? '', /try again/)
  assert.equal(await isSignedIn(page, hosted), false, 'nobody is signed in as somebody else')
  await page.goto(await elsewhere(t, `<iframe id="frame" src="${action}"></iframe>`))
  await page.waitForTimeout(500)
  const framed = page.frames().find((frame) => frame.url().includes('/login?'))
  const shown = framed === undefined ? 0 : await framed.locator('#password').count()
  assert.equal(shown, 0, 'no password field in a frame')
})

test('50 a session that was planted is not the one after the sign-in', async (t) => {
  const hosted = await startHostedPool(t)
  await hosted.addUser('ana', PASSWORD)
  const { page } = await openPage(t)
  const name = `postern-session-${hosted.poolId}`
  const { hostname } = new URL(hosted.issuer)
  const planted = { name, value: 'A'.repeat(43), domain: hostname, path: `/${hosted.poolId}` }
  await page.context().addCookies([planted])
  await page.goto(loginUrl(hosted))
  await page.fill('#username', 'ana')
  await page.fill('#password', PASSWORD)
  await page.click('button[type=submit]')
  await page.waitForSelector('#app')
  const cookies = await page.context().cookies(hosted.issuer)
  const session = cookies.find((cookie) => cookie.name === name)!
  assert.notEqual(session.value, planted.value)
  assert.deepEqual([session.httpOnly, session.sameSite], [true, 'Lax'])
})
