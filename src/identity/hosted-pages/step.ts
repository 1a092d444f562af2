/** What a hosted page is made of: how it is shown, and what posting its form does. */

import type { SignedIn } from '../oauth/authorization-codes.ts'
import type { AuthorizeRequest } from '../oauth/authorize-request.ts'
import type { OAuthClient } from '../oauth/oauth-client.ts'
import type { PagePool, PageSettings } from '../oauth/page-port.ts'
import type { WebAnswer, WebRequest } from '../oauth/web-message.ts'
import type { PageContent } from './page.ts'
import type { PageFrame } from './sign-in-pages.ts'

/** One step of a page's work, with everything that it may need. */
export interface StepContext {
  readonly pool: PagePool
  readonly client: OAuthClient
  readonly authorize: AuthorizeRequest
  readonly settings: PageSettings
  readonly request: WebRequest
  readonly frame: PageFrame
  /** Ends the pages: a session begins, and the browser goes back to the application with a code. */
  readonly finish: (signedIn: SignedIn) => WebAnswer
}

export type StepResult = PageContent | WebAnswer

export interface Step {
  /** Undefined: only posted. */
  readonly show?: (context: StepContext) => StepResult
  readonly post?: (context: StepContext) => Promise<StepResult>
}
