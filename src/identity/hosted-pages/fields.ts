/**
 * The parts that the forms are made of: a labelled field, the alert, a form with its token, the links below it.
 *
 * Every field has a label, an `autocomplete` token for password managers, and names what describes it. An error is an
 * alert in front of the form and is named by the field that it is about, which also gets the focus.
 */

import { type Html, html } from './html.ts'

export interface FieldView {
  readonly name: string
  readonly label: string
  readonly type: 'text' | 'email' | 'tel' | 'password'
  /** https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill */
  readonly autocomplete: string
  readonly value?: string
  readonly hint?: Html
  /** The alert is about this field. */
  readonly wrong?: boolean
  /** Gets the focus when the page opens. */
  readonly focus?: boolean
  /** A short number that was sent or shown. */
  readonly isCode?: boolean
  readonly required?: boolean
}

export interface FormView {
  /** Relative to the page. */
  readonly action: string
  readonly hidden: Readonly<Record<string, string>>
  readonly fields: readonly FieldView[]
  readonly button: string
}

/** Longest text that a field takes, so that a mistake does not become a megabyte. */
const FIELD_LENGTH_MAX = 2_048

export function formOf({ action, hidden, fields, button }: FormView): Html {
  return html`<form method="post" action="${action}" novalidate>
${hiddenFields(hidden)}${fields.map(fieldOf)}<button type="submit" class="submitButton-customizable">${button}</button>
</form>`
}

/** A button that looks like a link, for what changes something. */
export function linkForm(action: string, hidden: Readonly<Record<string, string>>, text: string) {
  return html`<form method="post" action="${action}">${hiddenFields(hidden)}<button type="submit" class="link">${text}</button></form>`
}

export function alertOf(message: string | undefined): Html | undefined {
  if (message === undefined) return undefined
  return html`<div role="alert" id="error" class="errorMessage-customizable">${message}</div>`
}

export function noticeOf(message: string | undefined): Html | undefined {
  return message === undefined
    ? undefined
    : html`<div role="status" class="notice">${message}</div>`
}

export function linksOf(links: readonly (Html | undefined)[]): Html | undefined {
  const there = links.filter((link) => link !== undefined)
  if (there.length === 0) return undefined
  return html`<ul class="links">${there.map((link) => html`<li>${link}</li>`)}</ul>`
}

export function linkTo(href: string, text: string): Html {
  return html`<a class="redirect-customizable" href="${href}">${text}</a>`
}

function hiddenFields(hidden: Readonly<Record<string, string>>): Html[] {
  return Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">
`,
  )
}

function fieldOf(field: FieldView): Html {
  const { name, label, type, autocomplete, value, hint } = field
  const described = [
    ...(field.wrong === true ? ['error'] : []),
    ...(hint === undefined ? [] : [`${name}-hint`]),
  ].join(' ')
  const flags = html`${field.required === false ? undefined : html` required`}${
    field.focus === true ? html` autofocus` : undefined
  }${field.wrong === true ? html` aria-invalid="true"` : undefined}${
    described === '' ? undefined : html` aria-describedby="${described}"`
  }${field.isCode === true ? html` inputmode="numeric"` : undefined}`
  const classes = field.isCode === true ? 'inputField-customizable code' : 'inputField-customizable'
  return html`<div class="field">
<label for="${name}" class="label-customizable">${label}</label>
<input id="${name}" name="${name}" type="${type}" class="${classes}" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false" maxlength="${FIELD_LENGTH_MAX}"${
    value === undefined ? undefined : html` value="${value}"`
  }${flags}>
${hint === undefined ? undefined : html`<div class="hint" id="${name}-hint">${hint}</div>`}</div>
`
}
