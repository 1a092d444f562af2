/**
 * The hosted pages of a pool, as a site: from a request to the answer.
 *
 * Every page belongs to a request of an application, whose parameters go along in the query and are held against the
 * client again each time: no page ends anywhere else than at an address of that client. What changes something is posted
 * with a form token. A sign-in makes a new session and a new token, whatever the browser had before.
 */

import type { AuthorizationCodes, SignedIn } from '../oauth/authorization-codes.ts'
import {
  type AuthorizeRequest,
  checkAuthorizeRequest,
  errorLocation,
  withParameters,
} from '../oauth/authorize-request.ts'
import type { OAuthClient } from '../oauth/oauth-client.ts'
import type { PagePool, PageSettings } from '../oauth/page-port.ts'
import type { ShortLived } from '../oauth/short-lived.ts'
import { redirectAnswer, type WebAnswer, type WebRequest } from '../oauth/web-message.ts'
import { errorPage, signedOutPage } from './account-pages.ts'
import { accountSteps } from './account-steps.ts'
import { FORM_TOKEN_FIELD, type FormGuard, isFromElsewhere } from './form-guard.ts'
import { readHostedCookie, writeHostedCookie } from './hosted-cookies.ts'
import { type PageContent, type PageLook, pageHeaders, renderPage } from './page.ts'
import { showSignIn, signInSteps } from './sign-in-steps.ts'
import type { Step, StepContext, StepResult } from './step.ts'
import { PAGE_STYLE } from './style.ts'

export interface HostedSiteParts {
  readonly codes: AuthorizationCodes
  readonly sessions: ShortLived<SignedIn>
  readonly guard: FormGuard
  readonly nowMs: () => number
}

const STEPS: Readonly<Record<string, Step>> = { ...signInSteps, ...accountSteps }

export class HostedSite {
  readonly #parts: HostedSiteParts

  constructor(parts: HostedSiteParts) {
    this.#parts = parts
  }

  /** Every page, by its path below the pool's address. */
  static pages(): { readonly page: string; readonly methods: readonly string[] }[] {
    const steps = Object.entries(STEPS).map(([page, { show, post }]) => ({
      page,
      methods: [...(show === undefined ? [] : ['GET']), ...(post === undefined ? [] : ['POST'])],
    }))
    const shown = ['oauth2/authorize', 'logout', 'login/style.css', 'login/logo']
    return [...steps, ...shown.map((page) => ({ page, methods: ['GET'] }))]
  }

  /** `page` is the path below the pool's address: `login`. Undefined: there is no such page. */
  async answer(pool: PagePool, page: string, request: WebRequest): Promise<WebAnswer | undefined> {
    if (page === 'oauth2/authorize') return this.#authorize(pool, request)
    if (page === 'logout') return this.#signOut(pool, request)
    if (page === 'login/style.css') return this.#style(pool, request)
    if (page === 'login/logo') return this.#logo(pool, request)
    const step = Object.hasOwn(STEPS, page) ? STEPS[page] : undefined
    return step === undefined ? undefined : this.#step(pool, step, request)
  }

  /** A user with a session goes straight back; everybody else to the page. */
  async #authorize(pool: PagePool, request: WebRequest): Promise<WebAnswer> {
    if (!isReading(request)) return methodRefused('GET, HEAD')
    const client = await clientOf(pool, request)
    const verdict = checkAuthorizeRequest(request.query, client)
    if (verdict.kind === 'redirect') return redirectAnswer(verdict.location)
    if (verdict.kind === 'page') return this.#errorPage(pool, request, verdict.message)
    const signedIn = await this.#sessionFor(pool, request, verdict.request)
    if (signedIn !== undefined) return redirectAnswer(this.#codeLocation(verdict.request, signedIn))
    if (verdict.request.prompt === 'none') {
      return redirectAnswer(
        errorLocation(verdict.request, 'login_required', 'no user is signed in'),
      )
    }
    return redirectAnswer(`${request.base}/login${request.search}`)
  }

  async #step(pool: PagePool, step: Step, request: WebRequest): Promise<WebAnswer> {
    const isPost = request.method === 'POST'
    if (isPost ? step.post === undefined : !isReading(request) || step.show === undefined) {
      return methodRefused(
        [step.show && 'GET, HEAD', step.post && 'POST'].filter(Boolean).join(', '),
      )
    }
    const client = await clientOf(pool, request)
    const verdict = checkAuthorizeRequest(request.query, client)
    if (verdict.kind === 'redirect') return redirectAnswer(verdict.location)
    if (verdict.kind === 'page') return this.#errorPage(pool, request, verdict.message)
    const context = await this.#contextOf(pool, request, {
      client: client!,
      authorize: verdict.request,
    })
    if (!isPost) return this.#show(context, step)
    if (!this.#isGenuine(pool, request)) {
      const error = 'This page was open for too long, or cookies are blocked. Please try again.'
      return this.#page(
        context,
        showSignIn({ ...context, frame: { ...context.frame, error } }),
        403,
      )
    }
    const result = await step.post!(context)
    return isAnswer(result) ? result : this.#page(context, result)
  }

  async #show(context: StepContext, step: Step): Promise<WebAnswer> {
    const { pool, request, authorize } = context
    if (step === STEPS['login']) {
      const signedIn = await this.#sessionFor(pool, request, authorize)
      if (signedIn !== undefined) return redirectAnswer(this.#codeLocation(authorize, signedIn))
    }
    const result = step.show!(context)
    return isAnswer(result) ? result : this.#page(context, result)
  }

  async #contextOf(
    pool: PagePool,
    request: WebRequest,
    { client, authorize }: Pick<StepContext, 'client' | 'authorize'>,
  ): Promise<StepContext> {
    const settings = await pool.pageSettings(client)
    const seed = this.#parts.guard.seedOf(readHostedCookie(request, 'form', pool.poolId))
    const token = this.#parts.guard.tokenFor(seed, pool.poolId)
    return {
      pool,
      client,
      authorize,
      settings,
      request,
      frame: {
        look: lookOf(request, client, settings),
        query: request.search,
        hidden: { [FORM_TOKEN_FIELD]: token },
        seed,
      },
      finish: (signedIn) => this.#finish(pool, request, authorize, signedIn),
    }
  }

  #isGenuine(pool: PagePool, request: WebRequest): boolean {
    const origin = request.header('origin')
    const fetchSite = request.header('sec-fetch-site')
    const said = {
      ...(origin === undefined ? {} : { origin }),
      ...(fetchSite === undefined ? {} : { fetchSite }),
    }
    const { protocol, origin: own } = new URL(request.base)
    const asked = `${protocol}//${request.header('host') ?? ''}`
    if (isFromElsewhere(said, [own, asked])) return false
    const cookie = readHostedCookie(request, 'form', pool.poolId)
    return this.#parts.guard.isGenuine(cookie, pool.poolId, request.form.get(FORM_TOKEN_FIELD))
  }

  #finish(
    pool: PagePool,
    request: WebRequest,
    authorize: AuthorizeRequest,
    signedIn: SignedIn,
  ): WebAnswer {
    const { guard, sessions } = this.#parts
    const { poolId } = pool
    const old = readHostedCookie(request, 'session', poolId)
    if (old !== undefined) sessions.delete(old)
    const session = sessions.add(signedIn, `${poolId}/${signedIn.sub}`)
    return redirectAnswer(this.#codeLocation(authorize, signedIn), [
      writeHostedCookie(request, 'session', { poolId, value: session }),
      writeHostedCookie(request, 'form', { poolId, value: guard.newSeed() }),
    ])
  }

  async #sessionFor(
    pool: PagePool,
    request: WebRequest,
    { prompt, maxAge }: AuthorizeRequest,
  ): Promise<SignedIn | undefined> {
    if (prompt === 'login') return undefined
    const cookie = readHostedCookie(request, 'session', pool.poolId)
    const signedIn = cookie === undefined ? undefined : this.#parts.sessions.get(cookie)
    if (signedIn === undefined || signedIn.poolId !== pool.poolId) return undefined
    const ageMs = this.#parts.nowMs() - signedIn.authTimeMs
    if (maxAge !== undefined && ageMs > maxAge * 1_000) return undefined
    return (await pool.isStillSignedIn(signedIn)) ? signedIn : undefined
  }

  #codeLocation(request: AuthorizeRequest, signedIn: SignedIn): string {
    const code = this.#parts.codes.issue({ signedIn, request })
    return withParameters(request.redirectUri, { code, state: request.state })
  }

  /** `logout_uri` of the client, or back to the sign-in of a request that comes along. */
  async #signOut(pool: PagePool, request: WebRequest): Promise<WebAnswer> {
    if (!isReading(request)) return methodRefused('GET, HEAD')
    const { poolId } = pool
    const session = readHostedCookie(request, 'session', poolId)
    if (session !== undefined) this.#parts.sessions.delete(session)
    const cookies = [writeHostedCookie(request, 'session', { poolId, value: undefined })]
    const client = await clientOf(pool, request)
    const { query } = request
    const goal = query.get('logout_uri') ?? query.get('post_logout_redirect_uri')
    if (goal !== null) {
      if (client?.logoutUrls.includes(goal) === true) {
        const state = query.get('state') ?? undefined
        return redirectAnswer(withParametersIfAny(goal, state), cookies)
      }
      const message = 'The address to return to (logout_uri) does not belong to this application.'
      return this.#errorPage(pool, request, message, cookies)
    }
    if (query.has('redirect_uri')) {
      return redirectAnswer(`${request.base}/login${request.search}`, cookies)
    }
    const settings = await pool.pageSettings(client)
    const look = lookOf(request, client, settings)
    return pageAnswer({ content: signedOutPage(look), status: 200, cookies, next: undefined })
  }

  async #errorPage(
    pool: PagePool,
    request: WebRequest,
    message: string,
    cookies: readonly string[] = [],
  ): Promise<WebAnswer> {
    const client = await clientOf(pool, request)
    const look = lookOf(request, client, await pool.pageSettings(client))
    return pageAnswer({ content: errorPage(look, message), status: 400, cookies, next: undefined })
  }

  async #style(pool: PagePool, request: WebRequest): Promise<WebAnswer> {
    if (!isReading(request)) return methodRefused('GET, HEAD')
    const { css } = await pool.pageSettings(await clientOf(pool, request))
    return {
      status: 200,
      headers: { ...assetHeaders('text/css; charset=utf-8') },
      body: PAGE_STYLE + css,
    }
  }

  async #logo(pool: PagePool, request: WebRequest): Promise<WebAnswer | undefined> {
    if (!isReading(request)) return methodRefused('GET, HEAD')
    const { logo } = await pool.pageSettings(await clientOf(pool, request))
    if (logo === undefined) return undefined
    return { status: 200, headers: assetHeaders(logo.type), body: logo.bytes }
  }

  #page({ pool, request, authorize, frame }: StepContext, content: PageContent, status?: number) {
    const cookie = { poolId: pool.poolId, value: frame.seed }
    return pageAnswer({
      content,
      status: status ?? (content.failed === true ? 400 : 200),
      cookies: [writeHostedCookie(request, 'form', cookie)],
      next: authorize.redirectUri,
    })
  }
}

interface PageParts {
  readonly content: PageContent
  readonly status: number
  readonly cookies: readonly string[]
  /** Where the forms of the page lead in the end. */
  readonly next: string | undefined
}

function pageAnswer({ content, status, cookies, next }: PageParts): WebAnswer {
  return { status, headers: pageHeaders(next), cookies, body: renderPage(content) }
}

function lookOf(
  { base }: WebRequest,
  client: OAuthClient | undefined,
  { logo }: PageSettings,
): PageLook {
  const path = new URL(base).pathname.replace(/\/$/, '')
  const of = client === undefined ? '' : `?client_id=${encodeURIComponent(client.clientId)}`
  return {
    brand: client?.name ?? 'Sign in',
    logo: logo === undefined ? undefined : `${path}/login/logo${of}`,
    style: `${path}/login/style.css${of}`,
  }
}

function assetHeaders(type: string): Record<string, string> {
  return {
    'content-type': type,
    'cache-control': 'private, max-age=60',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  }
}

async function clientOf(pool: PagePool, { query }: WebRequest): Promise<OAuthClient | undefined> {
  const ids = query.getAll('client_id')
  return ids.length === 1 ? pool.findClient(ids[0]!) : undefined
}

function withParametersIfAny(address: string, state: string | undefined): string {
  return state === undefined ? address : withParameters(address, { state })
}

function isReading({ method }: WebRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

function isAnswer(result: StepResult): result is WebAnswer {
  return 'status' in result
}

function methodRefused(allow: string): WebAnswer {
  const headers = { allow, 'content-type': 'text/plain; charset=utf-8' }
  return { status: 405, headers, body: `This page answers ${allow} only.\n` }
}
