import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CsvError, readCsv, writeCsvRow } from './csv.ts'
import { CsvRefused, csvColumns, readUsers } from './user-csv.ts'

const COLUMNS = csvColumns(['custom:team'])
const RULES = { columns: COLUMNS, requiredAttributes: ['name'], autoVerified: ['email'] }

function file(...rows: Readonly<Record<string, string>>[]): string {
  return [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => row[column] ?? ''))]
    .map(writeCsvRow)
    .join('')
}

const ANA = {
  'cognito:username': 'ana',
  'cognito:mfa_enabled': 'FALSE',
  name: 'Ana, of the "Orders"',
  email: 'ana@example.com',
  email_verified: 'True',
}

const problemsOf = (text: string) =>
  [...readUsers(text, RULES)].map((row) =>
    row.kind === 'bad' ? `${row.line}: ${row.problem}` : '',
  )

test('the dialect: escaped commas, quotes, line breaks in values, every kind of line end', () => {
  const text = '\u{FEFF}a\\,b,"c ""d""\n,e"\r\n\r\nf,g\nh,'
  assert.deepEqual(
    [...readCsv(text)],
    [
      { line: 1, values: ['a,b', 'c "d"\n,e'] },
      { line: 4, values: ['f', 'g'] },
      { line: 5, values: ['h', ''] },
    ],
  )
  assert.throws(() => [...readCsv('a\n"b')], new CsvError(2, 'A quote is opened and not closed.'))
  assert.throws(() => [...readCsv('"a"b')], CsvError)
})

test('whatever is written is read again', () => {
  const row = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
      const read = [...readCsv(rows.map(writeCsvRow).join(''))].map(({ values }) => values)
      assert.deepEqual(read, rows)
    }),
  )
})

test('a row becomes a user, with the attributes that it has', () => {
  const [row] = readUsers(file({ ...ANA, 'custom:team': 'blue' }), RULES)
  assert.deepEqual(row, {
    kind: 'user',
    user: {
      line: 2,
      username: 'ana',
      mfaEnabled: false,
      attributes: [
        { Name: 'name', Value: 'Ana, of the "Orders"' },
        { Name: 'email', Value: 'ana@example.com' },
        { Name: 'email_verified', Value: 'true' },
        { Name: 'custom:team', Value: 'blue' },
      ],
    },
  })
})

test('a bad row is told by its line, and the others are not held up by it', () => {
  const text = file(
    { ...ANA, 'cognito:username': '' },
    { ...ANA, 'cognito:mfa_enabled': 'yes' },
    { ...ANA, name: '' },
    { ...ANA, email_verified: '' },
    { ...ANA, email_verified: 'maybe' },
    { ...ANA, email: '' },
    ANA,
  )
  assert.deepEqual(problemsOf(`${text}only,two\n`), [
    '2: There is no cognito:username.',
    '3: cognito:mfa_enabled has to be true or false.',
    '4: The pool requires name.',
    '5: One of these has to be true: email_verified.',
    '6: email_verified has to be true or false.',
    '7: email_verified is true and there is no email.',
    '',
    `9: The row has 2 values, the header ${COLUMNS.length}.`,
  ])
})

test('a quote that is not closed ends the reading at its line', () => {
  const [first, second] = problemsOf(`${file(ANA)}"never`)
  assert.equal(first, '')
  assert.match(second!, /^3: A quote is opened/)
})

test('a header that does not fit the pool refuses the file', () => {
  const bad: readonly string[] = [
    '',
    'name,email\n',
    `${COLUMNS.join(',')},password\n`,
    `${COLUMNS.join(',')},name\n`,
  ]
  for (const text of bad) assert.throws(() => [...readUsers(text, RULES)], CsvRefused, text)
  const shuffled = COLUMNS.toReversed()
  assert.deepEqual([...readUsers(`${shuffled.join(',')}\n`, RULES)], [])
})
