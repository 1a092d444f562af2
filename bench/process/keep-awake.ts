/**
 * A core that never sleeps: a loop in the idle scheduling class, which gives way to everything else at once.
 *
 * A virtual processor with nothing to do is put to sleep by its host, which wakes it when it sees fit: milliseconds late,
 * one time in a hundred. Such a delay is the machine's and not the gateway's. The generator does the same to its own
 * core by polling (`openLoop` in load.ts).
 */
import { type Child, startChild } from './child.ts'

/** Ends like any other child of the bench. */
export function keepAwake(core: number): Child {
  const command = ['chrt', '-i', '0', 'sh', '-c', 'while :; do :; done']
  return startChild({ name: 'keep awake', core, command })
}
