/**
 * What is left of a request's body when its answer is out: the ports of the main thread do not read it, they end the
 * connection. Whether anything is left is known only then: a request without a body is complete a moment after its head.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'

export function endWithUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (!request.complete) request.destroy()
  })
}
