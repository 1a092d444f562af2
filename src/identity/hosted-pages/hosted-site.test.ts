import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { AuthorizationCodes, type SignedIn } from '../oauth/authorization-codes.ts'
import { FAKE_CLIENT, FakePool } from '../oauth/pool.fake.ts'
import { ShortLived } from '../oauth/short-lived.ts'
import type { WebAnswer } from '../oauth/web-message.ts'
import { FormGuard } from './form-guard.ts'
import { HostedSite } from './hosted-site.ts'

const CALLBACK = FAKE_CLIENT.callbackUrls[0]!
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const QUERY: Readonly<Record<string, string>> = {
  response_type: 'code',
  client_id: FAKE_CLIENT.clientId,
  redirect_uri: CALLBACK,
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
  state: 'st',
}
const SESSION_MS = 3_600_000

interface Ask {
  readonly query?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
}

/** A browser with cookies, and the site that it talks to. */
class World {
  readonly pool = new FakePool()
  readonly cookies = new Map<string, string>()
  base = 'http://localhost:9090/eu-central-1_abc'
  nowMs = 1_000_000
  readonly site: HostedSite

  constructor() {
    const nowMs = () => this.nowMs
    const bounds = { randomBytes, nowMs, countMax: 100 }
    this.site = new HostedSite({
      codes: new AuthorizationCodes(bounds),
      sessions: new ShortLived<SignedIn>({ ...bounds, ownerMax: 5, lifeMs: SESSION_MS }),
      guard: new FormGuard({ key: randomBytes(32), randomBytes }),
      nowMs,
    })
    this.pool.users.set('ana@example.com', { password: 'right', state: 'good' })
  }

  async ask(page: string, { query = QUERY, form, headers = {}, method }: Ask = {}) {
    const search = `?${new URLSearchParams(query)}`
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const all: Readonly<Record<string, string>> = { host: 'localhost:9090', cookie, ...headers }
    const answer = await this.site.answer(this.pool, page, {
      method: method ?? (form === undefined ? 'GET' : 'POST'),
      query: new URLSearchParams(query),
      search,
      form: new URLSearchParams(form),
      header: (name) => all[name],
      sourceIp: '192.0.2.1',
      base: this.base,
    })
    assert.ok(answer !== undefined, `there is a page ${page}`)
    for (const each of answer.cookies ?? []) this.#store(each)
    return answer
  }

  /** The way a browser does it: the page first, then its form with all that is hidden in it. */
  async fill(page: string, fields: Readonly<Record<string, string>>, from?: WebAnswer) {
    const shown = from ?? (await this.ask(page))
    return this.ask(page, { form: { ...hiddenOf(shown), ...fields } })
  }

  signIn(fields = { username: 'ana@example.com', password: 'right' }) {
    return this.fill('login', fields)
  }

  #store(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (line.includes('Max-Age=0')) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

function hiddenOf({ body }: WebAnswer): Record<string, string> {
  const found = String(body).matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]))
}

function codeOf({ status, headers }: WebAnswer): string {
  assert.equal(status, 302)
  const url = new URL(headers['location']!)
  assert.equal(url.origin + url.pathname, CALLBACK)
  assert.equal(url.searchParams.get('state'), 'st')
  return url.searchParams.get('code') ?? assert.fail(url.href)
}

test('a user signs in and comes back with a code; the next time without a page', async () => {
  const world = new World()
  const first = await world.ask('oauth2/authorize')
  assert.match(first.headers['location']!, /^http:\/\/localhost:9090\/eu-central-1_abc\/login\?/)
  codeOf(await world.signIn())
  codeOf(await world.ask('oauth2/authorize'))
  assert.deepEqual(world.pool.asked, ['signIn ana@example.com from 192.0.2.1'])
})

test('a session ends after an hour, with the sign-out, and with the user', async () => {
  const isSignedIn = async (world: World) =>
    /[?&]code=/.test((await world.ask('oauth2/authorize')).headers['location']!)
  const late = new World()
  await late.signIn()
  late.nowMs += SESSION_MS
  assert.equal(await isSignedIn(late), false)
  const out = new World()
  await out.signIn()
  const stolen = new Map(out.cookies)
  const query = { client_id: FAKE_CLIENT.clientId, logout_uri: FAKE_CLIENT.logoutUrls[0]! }
  assert.equal((await out.ask('logout', { query })).headers['location'], query.logout_uri)
  for (const [name, value] of stolen) out.cookies.set(name, value)
  assert.equal(await isSignedIn(out), false, 'the cookie that was copied before, neither')
  const gone = new World()
  await gone.signIn()
  gone.pool.users.clear()
  assert.equal(await isSignedIn(gone), false)
})

test('prompt and max_age are obeyed', async () => {
  const world = new World()
  const ask = async (more: Readonly<Record<string, string>>) =>
    (await world.ask('oauth2/authorize', { query: { ...QUERY, ...more } })).headers['location']!
  assert.match(await ask({ prompt: 'none' }), /error=login_required/)
  await world.signIn()
  assert.match(await ask({ prompt: 'none' }), /[?&]code=/)
  assert.match(await ask({ prompt: 'login' }), /\/login\?/)
  // The fake's users signed in when the clock said 1,000 s.
  world.nowMs += 60_000
  assert.match(await ask({ max_age: '59' }), /\/login\?/)
  assert.match(await ask({ max_age: '60' }), /[?&]code=/)
})

test('an error is an alert that its field names, and the title says it first', async () => {
  const world = new World()
  const answer = await world.signIn({ username: 'ana@example.com', password: 'wrong' })
  const body = String(answer.body)
  assert.equal(answer.status, 400)
  assert.match(body, /<title>Error: Sign in/)
  assert.match(body, /role="alert" id="error"[^>]*>Incorrect username or password\./)
  assert.match(body, /id="password"[^>]* autofocus aria-invalid="true" aria-describedby="error"/)
  assert.match(body, /id="username"[^>]* value="ana@example\.com"/)
  assert.doesNotMatch(body, /wrong/, 'a password never comes back')
})

test('nobody learns whether a user exists', async () => {
  const pages = await Promise.all(
    ['ana@example.com', 'bob@example.com'].map(async (username) => {
      const world = new World()
      const signIn = await world.signIn({ username, password: 'wrong' })
      const forgot = await world.fill('forgotPassword', { username })
      const text = String(signIn.body) + String(forgot.body)
      return text.replaceAll(username, 'X').replace(/value="[\w-]{43}"/g, 'token')
    }),
  )
  assert.equal(pages[0], pages[1])
})

test('a session is never one that the browser brought (fixation)', async () => {
  const world = new World()
  const name = `postern-session-${world.pool.poolId}`
  world.cookies.set(name, 'chosen-by-somebody-else')
  await world.signIn()
  const mine = world.cookies.get(name)!
  assert.notEqual(mine, 'chosen-by-somebody-else')
  await world.ask('login', { query: { ...QUERY, prompt: 'login' } })
  const again = await world.ask('login', { query: { ...QUERY, prompt: 'login' } })
  await world.ask('login', {
    query: { ...QUERY, prompt: 'login' },
    form: { ...hiddenOf(again), username: 'ana@example.com', password: 'right' },
  })
  assert.notEqual(world.cookies.get(name), mine, 'a second sign-in makes a new one')
  world.cookies.set(name, mine)
  const old = await world.ask('oauth2/authorize')
  assert.match(old.headers['location']!, /\/login\?/, 'and ends the old one')
})

test('a form that was not given to this browser does nothing (CSRF)', async () => {
  const fields = { username: 'ana@example.com', password: 'right' }
  const forged: ((world: World) => Promise<Ask>)[] = [
    async () => ({ form: fields }),
    async () => ({ form: { ...fields, csrf: 'x'.repeat(43) } }),
    async (world) => {
      const token = hiddenOf(await world.ask('login'))
      world.cookies.clear()
      return { form: { ...fields, ...token } }
    },
    async (world) => {
      const token = hiddenOf(await new World().ask('login'))
      await world.ask('login')
      return { form: { ...fields, ...token } }
    },
    async (world) => ({
      form: { ...fields, ...hiddenOf(await world.ask('login')) },
      headers: { origin: 'https://evil.example' },
    }),
    async (world) => ({
      form: { ...fields, ...hiddenOf(await world.ask('login')) },
      headers: { 'sec-fetch-site': 'cross-site' },
    }),
  ]
  for (const [i, forge] of forged.entries()) {
    const world = new World()
    const answer = await world.ask('login', await forge(world))
    assert.equal(answer.status, 403, `forgery ${i}`)
    assert.deepEqual(world.pool.asked, [], `forgery ${i}`)
    assert.equal(world.cookies.has(`postern-session-${world.pool.poolId}`), false)
  }
})

test('nothing that anybody writes becomes markup', async () => {
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`
  const world = new World()
  world.pool.clients.set(FAKE_CLIENT.clientId, { ...FAKE_CLIENT, name: evil })
  const query = { ...QUERY, state: evil, login_hint: evil, extra: evil }
  const pages = [
    await world.ask('login', { query }),
    await world.ask('signup', { query }),
    await world.fill('login', { username: evil, password: evil }),
    await world.fill('signup', { username: evil, password: evil, confirmation: '' }),
    await world.fill('forgotPassword', { username: evil }),
    await world.ask('login', { query: { ...QUERY, redirect_uri: `javascript:${evil}` } }),
    await world.ask('login', { query: { ...QUERY, client_id: evil } }),
  ]
  for (const { body } of pages) {
    assert.doesNotMatch(String(body), /<script|<img|onerror=alert\(1\)>/i)
  }
})

test('no page leads to an address that is not of the client', async () => {
  const world = new World()
  await world.signIn()
  const elsewhere = { ...QUERY, redirect_uri: 'https://evil.example/' }
  for (const page of ['oauth2/authorize', 'login', 'signup', 'forgotPassword']) {
    const answer = await world.ask(page, { query: elsewhere })
    assert.equal(answer.status, 400, page)
    assert.equal(answer.headers['location'], undefined, page)
  }
  const query = { client_id: FAKE_CLIENT.clientId, logout_uri: 'https://evil.example/' }
  assert.equal((await world.ask('logout', { query })).headers['location'], undefined)
})

test('every page is safe from frames, caches and scripts', async () => {
  const world = new World()
  for (const page of ['login', 'signup', 'forgotPassword']) {
    const { headers, status } = await world.ask(page)
    assert.equal(status, 200, page)
    assert.match(headers['content-security-policy']!, /frame-ancestors 'none'/)
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.equal(headers['cache-control'], 'no-store')
  }
  assert.equal((await world.ask('login', { method: 'PUT' })).status, 405)
  assert.equal((await world.ask('mfa')).status, 405)
  const style = await world.ask('login/style.css')
  assert.match(style.headers['content-type']!, /^text\/css/)
})

test('over https cookies are Secure and under __Host-', async () => {
  const world = new World()
  world.base = 'https://id.example/eu-central-1_abc'
  const { cookies } = await world.ask('login')
  assert.match(cookies![0]!, /^__Host-postern-form-[^;]*; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  const plain = await new World().ask('login')
  assert.match(
    plain.cookies![0]!,
    /^postern-form-[^;]*; Path=\/eu-central-1_abc; HttpOnly; SameSite=Lax$/,
  )
})

test('a new account: form, code, sign-in', async () => {
  const world = new World()
  const fields = { username: ' new@example.com ', password: 'pass word', confirmation: 'pass word' }
  const differs = await world.fill('signup', { ...fields, confirmation: 'x' })
  assert.match(String(differs.body), /The two passwords are not the same/)
  const form = { ...fields, 'attribute.name': 'Neo', 'attribute.email_verified': 'true' }
  const confirm = await world.fill('signup', form)
  assert.deepEqual(world.pool.asked, ['signUp new@example.com {"name":"Neo"}'])
  assert.match(String(confirm.body), /Confirm your account/)
  const wrong = await world.fill('confirmUser', { code: '000000' }, confirm)
  assert.match(String(wrong.body), /The code is wrong/)
  await world.fill('resendcode', {}, wrong)
  assert.equal(world.pool.asked.at(-1), 'resendCode new@example.com')
  const done = await world.fill('confirmUser', { code: ' 123 456' }, wrong)
  assert.match(String(done.body), /Your account is confirmed/)
  codeOf(await world.signIn({ username: 'new@example.com', password: 'pass word' }))
})

test('where only administrators make users, nobody signs up', async () => {
  const world = new World()
  world.pool.settings = { ...world.pool.settings, canSignUp: false }
  const page = await world.ask('signup')
  assert.doesNotMatch(String(page.body), /Create an account/)
  await world.fill('signup', { username: 'x', password: 'y', confirmation: 'y' }, page)
  assert.deepEqual(world.pool.asked, [])
})

test('an unconfirmed user comes to the confirmation, an imported one to the reset', async () => {
  const world = new World()
  world.pool.users.set('late@example.com', { password: 'p', state: 'unconfirmed' })
  world.pool.users.set('old@example.com', { password: 'p', state: 'reset' })
  const confirm = await world.signIn({ username: 'late@example.com', password: 'p' })
  assert.match(String(confirm.body), /Confirm your account/)
  const reset = await world.signIn({ username: 'old@example.com', password: 'p' })
  assert.equal(world.pool.asked.at(-1), 'forgotPassword old@example.com')
  const form = { code: '123456', password: 'new', confirmation: 'new' }
  const done = await world.fill('confirmForgotPassword', form, reset)
  assert.match(String(done.body), /Your new password is set/)
  codeOf(await world.signIn({ username: 'old@example.com', password: 'new' }))
})

test('a first password has to be changed, and what is missing is asked for', async () => {
  const world = new World()
  world.pool.users.set('new@example.com', { password: 'p', state: 'first password' })
  const page = await world.signIn({ username: 'new@example.com', password: 'p' })
  assert.match(String(page.body), /name="attribute\.name"/)
  const short = { password: 'short', confirmation: 'short', 'attribute.name': 'Neo' }
  const again = await world.fill('newPassword', short, page)
  assert.match(String(again.body), /too short/)
  assert.match(String(again.body), /name="attribute\.name"[^>]*value="Neo"/)
  const good = { ...short, password: 'long enough', confirmation: 'long enough' }
  codeOf(await world.fill('newPassword', good, again))
})

test('a second factor: a wrong code can be tried again, a foreign session cannot', async () => {
  const world = new World()
  world.pool.users.set('two@example.com', { password: 'p', state: 'authenticator' })
  const page = await world.signIn({ username: 'two@example.com', password: 'p' })
  assert.match(String(page.body), /autocomplete="one-time-code"/)
  const again = await world.fill('mfa', { code: '000000' }, page)
  assert.match(String(again.body), /The code is wrong/)
  const foreign = await world.fill('mfa', { code: '123456', session: 'x' }, again)
  assert.match(String(foreign.body), /<title>Error: Sign in/)
  codeOf(await world.fill('mfa', { code: '123 456' }, again))
})
