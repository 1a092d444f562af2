/** When an example that runs another program is to end, and who has told that program already. */

const PARENT_WATCH_MS = 200

export type EndSignal = 'SIGINT' | 'SIGTERM'

/** Calls back when somebody wants an end: by signal, or by ending the npm that runs this. */
export function onEnd(end: (signal: EndSignal) => void): void {
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  if (process.env['npm_lifecycle_event'] === undefined) return
  // npm does not hand on the SIGTERM that ends it, and its shell is gone before we could ask.
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    end('SIGTERM')
  }, PARENT_WATCH_MS)
  watch.unref()
}

/**
 * False for Ctrl-C in a terminal, which reaches a child by itself: a second signal would cut what is in flight there.
 */
export function isForUsAlone(signal: EndSignal): boolean {
  return signal === 'SIGTERM' || !process.stdin.isTTY
}
