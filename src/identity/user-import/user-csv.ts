/**
 * A user as a row of Cognito's CSV: which columns a pool has, what a row asks for, and what is wrong with it.
 *
 * A row is taken as a whole or not at all, and every mistake is told with the line that it is on.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-csv-header.html
 */

import { CsvError, readCsv } from './csv.ts'

export const USERNAME_COLUMN = 'cognito:username'
export const MFA_COLUMN = 'cognito:mfa_enabled'

/** Cognito's own order; custom attributes come before the last two. */
const STANDARD_COLUMNS = [
  ...['name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username'],
  ...['profile', 'picture', 'website', 'email', 'email_verified', 'gender', 'birthdate'],
  ...['zoneinfo', 'locale', 'phone_number', 'phone_number_verified', 'address', 'updated_at'],
]

export interface UserRow {
  readonly line: number
  readonly username: string
  readonly mfaEnabled: boolean
  /** In the order of the columns; what is empty is left out. */
  readonly attributes: readonly { readonly Name: string; readonly Value: string }[]
}

export type ReadRow =
  | { readonly kind: 'user'; readonly user: UserRow }
  | { readonly kind: 'bad'; readonly line: number; readonly problem: string }

/** What a pool asks of those who are imported into it. */
export interface ImportRules {
  readonly columns: readonly string[]
  readonly requiredAttributes: readonly string[]
  /** Of email and phone_number, those that Cognito verifies by itself. */
  readonly autoVerified: readonly string[]
}

/** The file cannot be used at all. */
export class CsvRefused extends Error {
  override name = 'CsvRefused'
}

export function csvColumns(customAttributes: readonly string[]): string[] {
  return [...STANDARD_COLUMNS, ...customAttributes, MFA_COLUMN, USERNAME_COLUMN]
}

/** Throws CsvRefused before the first row when the header does not fit the pool. */
export function* readUsers(text: string, rules: ImportRules): Generator<ReadRow> {
  const rows = readCsv(text)
  try {
    const header = rows.next()
    if (header.done === true) throw new CsvRefused('The file is empty.')
    const columns = readHeader(header.value.values, rules)
    for (const { line, values } of rows) {
      const read = readUser(values, columns, rules)
      yield typeof read === 'string'
        ? { kind: 'bad', line, problem: read }
        : { kind: 'user', user: { line, ...read } }
    }
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown
    // Where this row ends nobody knows, so nothing after it is read.
    const problem = `${thrown.message} Nothing from here on was read.`
    yield { kind: 'bad', line: thrown.line, problem }
  }
}

function readHeader(names: readonly string[], { columns }: ImportRules): readonly string[] {
  const given = names.map((name) => name.trim())
  const unknown = given.find((name) => !columns.includes(name))
  if (unknown !== undefined) throw new CsvRefused(`The pool has no column ${unknown}.`)
  const twice = given.find((name, i) => given.indexOf(name) !== i)
  if (twice !== undefined) throw new CsvRefused(`The column ${twice} is there twice.`)
  const missing = columns.filter((name) => !given.includes(name))
  if (missing.length > 0) throw new CsvRefused(`The header lacks ${missing.join(', ')}.`)
  return given
}

/** What is wrong with it, as a sentence. */
function readUser(
  values: readonly string[],
  columns: readonly string[],
  rules: ImportRules,
): Omit<UserRow, 'line'> | string {
  if (values.length !== columns.length) {
    return `The row has ${values.length} values, the header ${columns.length}.`
  }
  const byColumn = new Map(columns.map((column, i) => [column, values[i]!.trim()]))
  const username = byColumn.get(USERNAME_COLUMN)!
  if (username === '') return 'There is no cognito:username.'
  const mfaEnabled = readBoolean(byColumn.get(MFA_COLUMN)!)
  if (mfaEnabled === undefined) return 'cognito:mfa_enabled has to be true or false.'
  const problem = findProblem(byColumn, rules)
  if (problem !== undefined) return problem
  return { username, mfaEnabled, attributes: attributesOf(byColumn) }
}

function attributesOf(byColumn: ReadonlyMap<string, string>): UserRow['attributes'] {
  return [...byColumn]
    .filter(([name, value]) => value !== '' && name !== USERNAME_COLUMN && name !== MFA_COLUMN)
    .map(([Name, value]) => ({ Name, Value: isVerification(Name) ? value.toLowerCase() : value }))
}

function findProblem(
  byColumn: ReadonlyMap<string, string>,
  { requiredAttributes, autoVerified }: ImportRules,
): string | undefined {
  const lacking = requiredAttributes.find((name) => (byColumn.get(name) ?? '') === '')
  if (lacking !== undefined) return `The pool requires ${lacking}.`
  const verified: string[] = []
  for (const name of ['email', 'phone_number']) {
    const text = byColumn.get(`${name}_verified`) ?? ''
    const isVerified = text === '' ? false : readBoolean(text)
    if (isVerified === undefined) return `${name}_verified has to be true or false.`
    if (isVerified && (byColumn.get(name) ?? '') === '') {
      return `${name}_verified is true and there is no ${name}.`
    }
    if (isVerified) verified.push(name)
  }
  // Else the user could never get the code that the first password takes.
  if (!autoVerified.some((name) => verified.includes(name))) {
    return `One of these has to be true: ${autoVerified.map((name) => `${name}_verified`).join(', ')}.`
  }
  return undefined
}

function isVerification(name: string): boolean {
  return name === 'email_verified' || name === 'phone_number_verified'
}

function readBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase()
  if (word === 'true') return true
  return word === 'false' ? false : undefined
}
