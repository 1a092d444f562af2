/**
 * The steps of a request, in the order in which they happen, with the question that each decides. Reasons name the step
 * they belong to, explain records the one that decided; `docs/life-of-a-request.md` draws them.
 */

export const STEPS = {
  engine: 'Is it HTTP, and within the limits of a connection?',
  path: 'Does the path have one reading?',
  host: 'Which API answers at this name?',
  stage: 'Which stage of the API is meant?',
  route: 'Which route takes this method and path?',
  cors: 'Is it a preflight, and is the origin allowed?',
  overload: 'Has the gateway room for it?',
  authorize: 'May this caller call the route?',
  throttle: 'Is there a token left in the buckets?',
  quota: 'Is there something left of the quota?',
  admit: 'Is the declared body within its limit?',
  'map-request': 'What does the integration get?',
  integrate: 'What does the integration answer?',
  'map-response': 'What of it does the client get?',
  respond: 'Does the client take the answer?',
} as const satisfies Record<string, string>

export type Step = keyof typeof STEPS

/** Explain records name a step by its place here. */
export const STEP_NAMES = Object.keys(STEPS) as readonly Step[]
