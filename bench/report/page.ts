/** docs/performance.md, made from the results: what was claimed, what came out, on what, and how. */
import type { Claim, RowResult } from '../row.ts'
import { figureMedian, formatBar, formatQuantity, formatVerdict } from './numbers.ts'
import type { Results } from './results.ts'

export function writePage(results: Results): string {
  return [
    HEAD,
    '## Results',
    '![Bar chart of the results](../bench/results/latest.svg)',
    claimsTable(results.rows),
    machineText(results),
    METHOD,
    '## The rows',
    ...results.rows.map(rowText),
  ]
    .join('\n\n')
    .concat('\n')
}

const HEAD = `# Performance

<!-- Made by bench/run.ts from bench/results/latest.json; change bench/report/page.ts instead. -->

What one request through Postern costs, beside nginx, HAProxy, Caddy and two Node proxies, measured on one machine by
one command:

\`\`\`
npm run bench                          # all rows, about half an hour
npm run bench -- P2 P4 --runs 9        # some rows, more runs
npm run bench -- P1 P3 COST            # the protected API: all of it, its latency, and what each feature costs
npm run bench -- --quick               # does it all work? (numbers of no value)
\`\`\`

It needs Linux, two cores, and root once if nginx, HAProxy, Caddy, wrk or h2load are missing (it installs them from
Debian's packages and says so).`

const METHOD = `## Method

- **Pinned cores.** The gateway has core 0 for itself. The load and the origin, an nginx that answers 100 bytes of JSON,
  share core 1, or have a core each where there are three.
- **Processor time, not speed.** The chief figure is the processor time of the gateway's processes (user and system, all
  threads and children, from \`/proc/PID/stat\`) divided by the requests they answered. It hardly depends on what else the
  machine does; requests per second do.
- **Ratios in the same run.** Machines drift, by a factor of two within minutes. In each run the programs take turns, in
  another order every time; a ratio is taken inside the run, and the median over the runs is what is shown.
- **Same work.** One worker or thread each, keep-alive on both sides, TLS 1.3 with a P-256 key where there is TLS; no
  access log but where a row says so. Before anything is measured, each program must give the origin's own answer
  through its route. Every program is warmed up first, with 200 000 requests where the rows are about requests.
- **The reference request.** P1 is what a protected API asks of a gateway for every call. Every program that claims to do
  it is first started with a low rate and asked: a good token passes; none, a forged, an expired, an everlasting one, one
  of another issuer or audience is answered 401, one without the scope 403; a client beyond its rate gets 429 while
  another passes; the origin sees the path and the headers it should; every call has its line in the log. nginx does
  nothing of all this: it is the floor.
- **What a feature costs.** In the COST rows instances of Postern with one feature on take turns with one that has
  none on. What is told is the difference within each run, so it is exact to some tenths of a microsecond; a feature
  whose cost is smaller than that may be told as a little less than nothing.
- **No failures hidden.** A run with one failed, refused or unanswered request is thrown away and the row fails.
- **Latency with an open loop.** Requests leave on a fixed schedule whatever the answers do, and each latency counts from
  the moment its request was due, so that a pause is charged to every request it held up. The generator shares its core
  with the origin and polls at idle priority, and the gateway's core is kept awake at the same priority, so that no
  host that is slow to wake a virtual processor is counted; what is told is the difference to the same load without a
  gateway.

Everything runs on loopback: there is no network in these numbers, and the origin does almost nothing. In front of a
real service the gateway's share is smaller than it looks here. The peers' configurations are in \`bench/peers/\`; if one
of them could be faster, that is a bug worth reporting.`

function claimsTable(rows: readonly RowResult[]): string {
  const lines = rows.flatMap(({ id, title, claims }) =>
    claims.map((claim) => `| ${id} | ${title} | ${claimCells(claim)} |`),
  )
  const head = '| Row | Work | What | Measured | Bar | |\n|---|---|---|---:|---:|---|'
  return [head, ...lines].join('\n')
}

function claimCells(claim: Claim): string {
  const measured = formatQuantity(claim.value, claim.unit)
  const verdict = formatBar(claim) === '' ? '' : formatVerdict(claim)
  return [claim.sentence, measured, formatBar(claim), verdict].join(' | ')
}

function machineText({ machine }: Results): string {
  const { cores, versions } = machine
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `## Machine

${machine.processor}, ${machine.coreCount} cores, ${machine.memoryGb} GB, ${machine.kernel}.
Gateway on core ${cores.gateway}, load on core ${cores.load}, origin on core ${cores.origin}.
Versions: ${list.join(', ')}.`
}

function rowText(row: RowResult): string {
  const lines = row.figures.map(
    (figure) =>
      `| ${figure.subject} | ${figure.quantity} | ${formatQuantity(figureMedian(figure), figure.unit)} |`,
  )
  const runs =
    `${row.runs} runs of ${row.seconds} s, ${row.measuredAt.slice(0, 10)}, ` +
    `machine ${row.busyPercent} % busy with other work before`
  return `### ${row.id}: ${row.title}

${row.method} (${runs}; medians)

| Program | Quantity | Median |
|---|---|---:|
${lines.join('\n')}`
}
