import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FormGuard, isFromElsewhere } from './form-guard.ts'
import { html } from './html.ts'
import { pageHeaders, renderPage } from './page.ts'
import { readTheme, ThemeRefused } from './theme.ts'

const guard = new FormGuard({
  key: Buffer.alloc(32, 7),
  randomBytes: (length) => Buffer.alloc(length, 1),
})

test('whatever is put into a page is text, in elements and in attributes', () => {
  const evil = `"><script>alert(1)</script><a title='`
  const { text } = html`<p class="${evil}">${evil}</p>`
  assert.equal(text.split('<').length, 3, 'only the two tags of the template')
  assert.doesNotMatch(text, /<script/)
  assert.equal(html`<b>${html`<i>${'&'}</i>`}</b>`.text, '<b><i>&#38;</i></b>')
  assert.equal(html`${undefined}${[html`a`, html`b`]}`.text, 'ab')
})

test('the brand of a page cannot become a tag, in the title neither', () => {
  const brand = '</title><img src=x onerror=alert(1)>'
  const look = { brand, logo: undefined, style: 'login/style.css' }
  const page = renderPage({ title: 'Sign in', look, body: html`<p>${brand}</p>` })
  assert.doesNotMatch(page, /<img/)
  assert.equal(page.match(/<\/title>/g)!.length, 1)
})

test('a page runs no script, is in no frame and in no cache', () => {
  const headers = pageHeaders('https://app.example/callback')
  const policy = headers['content-security-policy']!
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.match(policy, /form-action 'self' https:;/)
  assert.doesNotMatch(policy, /script-src|unsafe/)
  assert.equal(headers['cache-control'], 'no-store')
  assert.match(pageHeaders(undefined)['content-security-policy']!, /form-action 'self';/)
  assert.match(pageHeaders('shop://back')['content-security-policy']!, /'self' shop:;/)
})

test('a form token is for one browser and one purpose', () => {
  const seed = guard.newSeed()
  const token = guard.tokenFor(seed, 'pool-1')
  assert.equal(guard.isGenuine(seed, 'pool-1', token), true)
  const wrong: [string | undefined, string, string | null][] = [
    [undefined, 'pool-1', token],
    ['', 'pool-1', token],
    [seed.replace('A', 'B'), 'pool-1', token],
    [seed, 'pool-2', token],
    [seed, 'pool-1', null],
    [seed, 'pool-1', ''],
    [seed, 'pool-1', `${token}A`],
    [seed, 'pool-1', token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
  ]
  for (const [cookie, purpose, given] of wrong) {
    assert.equal(guard.isGenuine(cookie, purpose, given), false, JSON.stringify([cookie, given]))
  }
  assert.equal(guard.seedOf(seed), seed)
  assert.match(guard.seedOf('chosen by somebody'), /^[\w-]{32}$/)
})

test('what comes from another origin is known by what the browser says', () => {
  const own = ['http://localhost:9090']
  const [origin = ''] = own
  assert.equal(isFromElsewhere({ origin, fetchSite: 'same-origin' }, own), false)
  assert.equal(isFromElsewhere({}, own), false)
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { fetchSite: 'cross-site' },
    { fetchSite: 'same-site', origin },
  ]) {
    assert.equal(isFromElsewhere(headers, own), true, JSON.stringify(headers))
  }
})

test('a theme is written anew from what was understood', () => {
  const css = `/* ours */ .submitButton-customizable { background-color: #0a7; color:rgb(1, 2, 3) }
    .label-customizable{font-family:"Noto Sans", sans-serif;}`
  assert.equal(
    readTheme(css),
    '.submitButton-customizable {\n  background-color: #0a7;\n  color: rgb(1, 2, 3);\n}\n' +
      '.label-customizable {\n  font-family: "Noto Sans", sans-serif;\n}\n',
  )
  assert.equal(readTheme(''), '')
})

const REFUSED_THEMES: readonly string[] = [
  'body { color: red }',
  '.label-customizable, body { color: red }',
  '.label-customizable { background: url(https://evil.example/x) }',
  '.label-customizable { background: URL ( x ) }',
  '.label-customizable { background: \\75rl(x) }',
  '.label-customizable { background: image-set("x" 1x) }',
  '.label-customizable { position: fixed }',
  '.label-customizable { color: red } @import "x";',
  '@import "x";',
  '.label-customizable { width: expression(alert(1)) }',
  '.label-customizable { color: red',
  '.label-customizable { color: "</style><script>" }',
  '.label-customizable { font-family: "a }',
  '.label-customizable { behavior: x }',
  '.label-customizable { --accent: red }',
  '.inputField-customizable[value^="a"] { color: red }',
]

test('a theme that reaches for more is refused', () => {
  for (const css of REFUSED_THEMES) assert.throws(() => readTheme(css), ThemeRefused, css)
})
