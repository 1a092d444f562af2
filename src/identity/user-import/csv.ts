/**
 * Comma-separated values: Cognito's dialect, and RFC 4180 with it.
 *
 * A comma within a value is written `\,`, as Cognito asks for it; a value in double quotes may hold anything, with `""` for
 * a quote. A line of the file is not a row of the table where a value has line breaks, so each row knows its line.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-csv-header.html
 */

export interface CsvRow {
  /** Of the file, from 1. */
  readonly line: number
  readonly values: readonly string[]
}

export class CsvError extends Error {
  override name = 'CsvError'
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** Empty lines are no rows. Throws CsvError, for what cannot be told from other rows any more. */
export function* readCsv(text: string): Generator<CsvRow> {
  const cursor = { at: text.startsWith('\u{FEFF}') ? 1 : 0, line: 1 }
  while (cursor.at < text.length) {
    const { line } = cursor
    const values = readRow(text, cursor)
    if (values.length > 1 || values[0] !== '') yield { line, values }
  }
}

interface Cursor {
  at: number
  line: number
}

function readRow(text: string, cursor: Cursor): string[] {
  const values: string[] = []
  for (;;) {
    values.push(text[cursor.at] === '"' ? readQuoted(text, cursor) : readPlain(text, cursor))
    const end = text[cursor.at]
    if (end === ',') {
      cursor.at++
      continue
    }
    if (end === '\r') cursor.at++
    if (text[cursor.at] === '\n') cursor.at++
    cursor.line++
    return values
  }
}

function readPlain(text: string, cursor: Cursor): string {
  let value = ''
  for (; cursor.at < text.length; cursor.at++) {
    const character = text[cursor.at]!
    if (character === ',' || character === '\n' || character === '\r') break
    if (character === '\\' && text[cursor.at + 1] === ',') cursor.at++
    value += text[cursor.at]
  }
  return value
}

function readQuoted(text: string, cursor: Cursor): string {
  const { line } = cursor
  let value = ''
  for (cursor.at++; cursor.at < text.length; cursor.at++) {
    const character = text[cursor.at]!
    if (character === '\n') cursor.line++
    if (character !== '"') value += character
    else if (text[cursor.at + 1] === '"') value += text[cursor.at++]
    else {
      cursor.at++
      if (cursor.at < text.length && !/[,\r\n]/.test(text[cursor.at]!)) {
        throw new CsvError(cursor.line, 'Something stands behind a closing quote.')
      }
      return value
    }
  }
  throw new CsvError(line, 'A quote is opened and not closed.')
}

/** One line, with its line break. */
export function writeCsvRow(values: readonly string[]): string {
  return `${values.map(writeValue).join(',')}\n`
}

function writeValue(value: string): string {
  if (/["\\\r\n\u{FEFF}]|^\s|\s$/u.test(value)) return `"${value.replaceAll('"', '""')}"`
  return value.replaceAll(',', '\\,')
}
