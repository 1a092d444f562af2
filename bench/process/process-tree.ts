/**
 * What a process and all its living descendants have used: processor time and memory, from /proc.
 *
 * Processor time is `utime + stime` of every process (the kernel sums all threads into it, ended ones too) plus
 * `cutime + cstime` of children that have ended. A tick is 10 ms on every usual kernel, so that a measurement of four
 * seconds on a busy core is exact to a quarter of a percent. See proc(5).
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
}

let microsPerTick = 0

/** One line of /proc/PID/stat; the command in parentheses may hold spaces and parentheses itself. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  let ticks = 0
  for (let i = 11; i <= 14; i++) ticks += Number(fields[i])
  return { pid: Number.parseInt(line, 10), parent: Number(fields[1]), ticks }
}

/** Microseconds of processor time that the tree under `root` has used since it started. */
export function cpuMicros(root: number): number {
  microsPerTick ||= 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  let ticks = 0
  for (const stat of tree(root)) ticks += stat.ticks
  return ticks * microsPerTick
}

/** Bytes of memory resident now, summed over the tree (pages shared by several processes count in each). */
export function residentBytes(root: number): number {
  return sumStatus(root, 'VmRSS')
}

/** The most bytes that were resident since `forgetPeak`, summed over the tree. */
export function peakBytes(root: number): number {
  return sumStatus(root, 'VmHWM')
}

/** Lets the kernel count the peak anew from now on. */
export function forgetPeak(root: number): void {
  for (const stat of tree(root)) writeFileSync(`/proc/${stat.pid}/clear_refs`, '5')
}

/** The process `root` and its living descendants, parents first. */
export function tree(root: number): readonly ProcessStat[] {
  const all = readAll()
  const found = all.filter((stat) => stat.pid === root)
  for (let i = 0; i < found.length; i++) {
    const parent = found[i]!.pid
    for (const stat of all) if (stat.parent === parent) found.push(stat)
  }
  return found
}

function readAll(): readonly ProcessStat[] {
  const stats: ProcessStat[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = readOrEmpty(`/proc/${name}/stat`)
    if (line !== '') stats.push(parseStat(line))
  }
  return stats
}

function sumStatus(root: number, field: string): number {
  let bytes = 0
  for (const stat of tree(root)) {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
      readOrEmpty(`/proc/${stat.pid}/status`),
    )
    bytes += Number(found?.[1] ?? 0) * 1024
  }
  return bytes
}

/** A process may end between the listing and the reading. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
