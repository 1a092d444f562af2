/**
 * The picture of a bench: for each row and shown quantity one panel of horizontal bars, Postern's in colour.
 *
 * Plain SVG without fonts or scripts. It has a background of its own and follows the reader's light or dark setting,
 * so that it is readable wherever it is shown.
 */
import type { Figure, RowResult } from '../row.ts'
import { figureMedian, formatQuantity } from './numbers.ts'
import type { Results } from './results.ts'

const WIDTH = 860
const MARGIN = 24
const LABEL_WIDTH = 190
const VALUE_WIDTH = 110
const BAR_HEIGHT = 18
const BAR_STEP = 24
const TITLE_HEIGHT = 34
const PANEL_GAP = 18
const BAR_WIDTH_MAX = WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH

const STYLE = `
  .ground { fill: #ffffff; stroke: #d0d7de }
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 14px }
  .quiet { fill: #59636e }
  .own { fill: #0969da }
  .peer { fill: #afb8c1 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d }
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .own { fill: #4493f8 }
    .peer { fill: #59636e }
  }`

interface Panel {
  readonly title: string
  readonly note: string
  readonly bars: readonly Figure[]
}

export function drawChart({ rows }: Results): string {
  let y = MARGIN
  const parts: string[] = []
  for (const panel of rows.flatMap(panelsOf)) {
    parts.push(drawPanel(panel, y))
    y += TITLE_HEIGHT + panel.bars.length * BAR_STEP + PANEL_GAP
  }
  const height = y + MARGIN - PANEL_GAP
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Benchmark results">
<style>${STYLE}
</style>
<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
${parts.join('\n')}
</svg>
`
}

function panelsOf(row: RowResult): readonly Panel[] {
  return row.shown.map((quantity) => ({
    title: row.title,
    note: `${quantity}${moreIsBetter(quantity) ? ', more is better' : ', less is better'}`,
    bars: row.figures.filter((figure) => figure.quantity === quantity),
  }))
}

function moreIsBetter(quantity: string): boolean {
  return quantity === 'throughput' || quantity === 'requests per second'
}

function drawPanel(panel: Panel, y: number): string {
  const largest = Math.max(...panel.bars.map(figureMedian), Number.MIN_VALUE)
  const title =
    `<text x="${MARGIN}" y="${y + 14}"><tspan class="title">${escapeXml(panel.title)}</tspan>` +
    `<tspan class="quiet" dx="10">${escapeXml(panel.note)}</tspan></text>`
  const bars = panel.bars.map((bar, i) =>
    drawBar(bar, y + TITLE_HEIGHT - 8 + i * BAR_STEP, largest),
  )
  return [title, ...bars].join('\n')
}

function drawBar(bar: Figure, y: number, largest: number): string {
  const value = figureMedian(bar)
  const left = MARGIN + LABEL_WIDTH
  const width = Math.max(1, (value / largest) * BAR_WIDTH_MAX)
  const kind = bar.subject.startsWith('postern') ? 'own' : 'peer'
  const baseline = y + BAR_HEIGHT - 5
  return (
    `<text x="${left - 10}" y="${baseline}" text-anchor="end">${escapeXml(bar.subject)}</text>` +
    `<rect class="${kind}" x="${left}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>` +
    `<text x="${(left + width + 8).toFixed(1)}" y="${baseline}">${escapeXml(formatQuantity(value, bar.unit))}</text>`
  )
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
}
