/**
 * The frame around every hosted page, and the header fields that it is sent with.
 *
 * No script runs on these pages and nothing is loaded from elsewhere; no other page may show them in a frame, no cache
 * keeps them, and where the reader goes next does not learn from where. https://www.w3.org/TR/CSP3/
 */

import { type Html, html } from './html.ts'

/** How a pool or a client wants its pages to look; made by `theme.ts`. */
export interface PageLook {
  /** Stands at the top and in the title of the window. */
  readonly brand: string
  /** An address below the pool's own; undefined: the brand as text. */
  readonly logo: string | undefined
  /** The address of the style sheet. */
  readonly style: string
}

export interface PageContent {
  readonly title: string
  readonly look: PageLook
  readonly body: Html
  /** The page tells of something that went wrong: the title says so first, as screen readers read it first. */
  readonly failed?: boolean
}

export interface HostedAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** `set-cookie`, one value a cookie. */
  readonly cookies: readonly string[]
  readonly body: string
}

export function renderPage({ title, look, body, failed }: PageContent): string {
  const brand =
    look.logo === undefined
      ? html`<p class="brand">${look.brand}</p>`
      : html`<img class="logo-customizable" src="${look.logo}" alt="${look.brand}">`
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${failed === true ? 'Error: ' : ''}${title} – ${look.brand}</title>
<link rel="stylesheet" href="${look.style}">
</head>
<body class="background-customizable">
<main>
<div class="banner-customizable">${brand}</div>
<div class="content">
${body}
</div>
</main>
</body>
</html>
`
  return whole.text
}

/**
 * `next` is where a form on this page may lead in the end, which browsers hold against `form-action` for every redirect.
 * Its scheme alone is named: an application sends its user on to places that no one here knows.
 */
export function pageHeaders(next: string | undefined): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentPolicy(next),
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    pragma: 'no-cache',
  }
}

function contentPolicy(next: string | undefined): string {
  const scheme = next === undefined ? '' : (URL.parse(next)?.protocol ?? '')
  const formAction = /^[a-z][a-z0-9+.-]*:$/.test(scheme) ? `'self' ${scheme}` : "'self'"
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
}
