/**
 * What operators may change about the look of the hosted pages: the CSS subset of SetUICustomization.
 *
 * The CSS is not passed on. It is read strictly, and what is sent to browsers is written anew from the parsed parts: known
 * classes, known properties, values without `url()`, escapes or at-rules. So a customization can neither load something
 * from elsewhere nor reach an element that is not named here.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/hosted-ui-classic-branding.html
 */

/** Class → pseudo-class or undefined, as Cognito's template has them. */
export const THEME_SELECTORS: readonly string[] = [
  '.background-customizable',
  '.banner-customizable',
  '.logo-customizable',
  '.label-customizable',
  '.textDescription-customizable',
  '.idpDescription-customizable',
  '.legalText-customizable',
  '.inputField-customizable',
  '.inputField-customizable:focus',
  '.submitButton-customizable',
  '.submitButton-customizable:hover',
  '.errorMessage-customizable',
  '.redirect-customizable',
  '.idpButton-customizable',
  '.idpButton-customizable:hover',
  '.socialButton-customizable',
  '.passwordCheck-valid-customizable',
  '.passwordCheck-notValid-customizable',
]

const PROPERTIES = new Set([
  ...['background', 'background-color', 'color', 'opacity', 'box-shadow'],
  ...['border', 'border-color', 'border-radius', 'border-style', 'border-width', 'border-bottom'],
  ...['border-left', 'border-right', 'border-top', 'outline', 'outline-color'],
  ...['font', 'font-family', 'font-size', 'font-style', 'font-weight', 'line-height'],
  ...['letter-spacing', 'text-align', 'text-decoration', 'text-transform'],
  ...['height', 'width', 'max-height', 'max-width', 'min-height', 'min-width'],
  ...['margin', 'margin-bottom', 'margin-left', 'margin-right', 'margin-top'],
  ...['padding', 'padding-bottom', 'padding-left', 'padding-right', 'padding-top'],
  'display',
])

/** Numbers, units, names, colors, quoted names of fonts, and functions that compute a color or a length. */
const VALUE = /^[\w\s#.,%+*/()"'!-]{1,200}$/
const FUNCTIONS = new Set(['rgb', 'rgba', 'hsl', 'hsla', 'calc', 'min', 'max', 'clamp'])

const THEME_BYTES_MAX = 131_072
const RULES_MAX = 200

export class ThemeRefused extends Error {
  override name = 'ThemeRefused'
}

interface Rule {
  readonly selector: string
  readonly declarations: readonly string[]
}

/** The CSS to send, written anew. Throws ThemeRefused with a sentence. */
export function readTheme(css: string): string {
  if (Buffer.byteLength(css) > THEME_BYTES_MAX) {
    throw new ThemeRefused(`The CSS has more than ${THEME_BYTES_MAX} bytes.`)
  }
  const text = css.replace(/\/\*[\s\S]*?\*\//g, ' ')
  const rules: Rule[] = []
  let rest = text.trim()
  while (rest !== '') {
    if (rules.length === RULES_MAX)
      throw new ThemeRefused(`There are more than ${RULES_MAX} rules.`)
    const end = rest.indexOf('}')
    const begin = rest.indexOf('{')
    if (begin < 0 || end < begin) throw new ThemeRefused(`This is no rule: ${excerpt(rest)}`)
    rules.push(readRule(rest.slice(0, begin), rest.slice(begin + 1, end)))
    rest = rest.slice(end + 1).trim()
  }
  return rules.map(writeRule).join('')
}

function readRule(head: string, body: string): Rule {
  const selector = head.trim()
  if (!THEME_SELECTORS.includes(selector)) {
    throw new ThemeRefused(`The selector ${excerpt(selector)} is not one that may be customized.`)
  }
  const parts = body.split(';').map((part) => part.trim())
  return { selector, declarations: parts.filter((part) => part !== '').map(readDeclaration) }
}

function readDeclaration(text: string): string {
  const colon = text.indexOf(':')
  const property = text.slice(0, Math.max(0, colon)).trim().toLowerCase()
  const value = text.slice(colon + 1).trim()
  if (!PROPERTIES.has(property)) {
    throw new ThemeRefused(`The property ${excerpt(property || text)} may not be customized.`)
  }
  if (!VALUE.test(value) || !hasClosedQuotes(value)) throw badValue(property, value)
  for (const [, name = ''] of value.matchAll(/([\w-]*)\s*\(/g)) {
    if (!FUNCTIONS.has(name.toLowerCase())) throw badValue(property, value)
  }
  return `${property}: ${value.replace(/\s+/g, ' ')}`
}

function hasClosedQuotes(value: string): boolean {
  const withoutStrings = value.replace(/"[^"'()]*"|'[^"'()]*'/g, '')
  const opened = withoutStrings.split('(').length
  return !/["']/.test(withoutStrings) && opened === withoutStrings.split(')').length
}

function badValue(property: string, value: string): ThemeRefused {
  return new ThemeRefused(`The value of ${property} is not one that may be used: ${excerpt(value)}`)
}

function writeRule({ selector, declarations }: Rule): string {
  return `${selector} {\n${declarations.map((each) => `  ${each};\n`).join('')}}\n`
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= 60 ? line : `${line.slice(0, 60)}…`
}
