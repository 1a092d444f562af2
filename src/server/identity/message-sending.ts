/**
 * What happens to messages for users: they stay in the outbox for `postern outbox`, and with `--message-sender URL` a
 * program of the operator gets each by POST.
 */

import { systemClock } from '../../base/clock.ts'
import type { Limits } from '../../domain/limits.ts'
import { OutboxBounds } from '../../identity/messages/outbox-bounds.ts'
import type { Store } from '../../storage/store.ts'
import type { ProgramLog } from '../program-log.ts'
import type { Settings } from '../settings/settings.ts'

export interface MessageSendingInput {
  readonly settings: Pick<Settings, 'messageSender'>
  readonly limits: Limits
  readonly store: Store
  readonly log: ProgramLog
}

/** Returns how to end it. */
export async function startMessageSending(input: MessageSendingInput): Promise<() => void> {
  const { settings, limits, store } = input
  const bounds = new OutboxBounds({
    store,
    clock: systemClock,
    every: (periodMs, action) => {
      const timer = setInterval(action, periodMs).unref()
      return () => clearInterval(timer)
    },
    lifeMs: limits.outboxMessageLifeMs,
    countMax: limits.outboxMessages,
  })
  bounds.start()
  const url = settings.messageSender
  if (url === 'outbox') return () => bounds.close()
  const stopSending = await startSending(url, input)
  return () => {
    bounds.close()
    stopSending()
  }
}

async function startSending(
  url: string,
  { limits, store, log }: MessageSendingInput,
): Promise<() => void> {
  const { httpSender } = await import('../../identity/messages/http-sender.ts')
  const { MessageDispatch } = await import('../../identity/messages/message-dispatch.ts')
  const dispatch = new MessageDispatch({
    store,
    send: httpSender({ url, timeoutMs: limits.messageSendTimeoutMs, fetch }),
    clock: systemClock,
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs).unref()
      return () => clearTimeout(timer)
    },
    onFailed: ({ parent, id }, error) =>
      log.error(`message ${id} of user pool ${parent} could not be sent: ${error}`),
    attemptsMax: limits.messageSendAttempts,
  })
  await dispatch.start()
  return () => dispatch.close()
}
