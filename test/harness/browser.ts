/**
 * Chromium, as a person would use it, headless: Debian's package, driven by playwright-core.
 *
 * `npm test` installs the package where it is missing (`tools/outside-packages.ts`). Each test gets a context of its own:
 * no cookies, no cache. A page fails its test when it breaks its own content policy or a script throws.
 */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { fileEnd } from './file-end.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const TIMEOUT_MS = 20_000

export function findChromium(): string | undefined {
  return PLACES.find((place) => existsSync(place))
}

export interface TestPage {
  readonly page: Page
  /** What the browser complained of. */
  readonly complaints: readonly string[]
}

let launched: Promise<Browser> | undefined

/** One for all tests of a file: its start takes longer than what it shows. */
async function launch(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) {
    throw new Error('This test needs Chromium; on Debian: apt-get install chromium')
  }
  // Root has no sandbox to put it into; it only meets pages of its tests.
  const args = ['--no-sandbox', '--disable-dev-shm-usage']
  const browser = await chromium.launch({ executablePath, args })
  fileEnd.after(() => browser.close())
  return browser
}

/** A page in a context of its own; both end with the test. */
export async function openPage(
  t: TestContext,
  options: BrowserContextOptions = {},
): Promise<TestPage> {
  launched ??= launch()
  const context = await (await launched).newContext({ locale: 'en-US', ...options })
  t.after(() => context.close())
  context.setDefaultTimeout(TIMEOUT_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) complaints.push(message.text())
  })
  return { page, complaints }
}

/** Presses Tab until the element with this id has the focus; fails when it is not reached. */
export async function tabTo(page: Page, id: string, pressesMax = 20): Promise<void> {
  for (let i = 0; i < pressesMax; i++) {
    if ((await focusedId(page)) === id) return
    await page.keyboard.press('Tab')
  }
  assert.equal(await focusedId(page), id, 'reached with the keyboard')
}

/** The id of what has the focus, or its name in HTML. */
export function focusedId(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.id || document.activeElement.localName')
}
