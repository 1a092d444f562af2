// hot path — see STYLE §8
/**
 * Values in log lines: whatever a client sends, it can neither end a line, leave its quotes, nor speak to a terminal.
 *
 * Escaped are C0 and C1 controls (ESC and the eight-bit CSI among them), DEL, quotes and backslashes, the line
 * separators of Unicode, its directional overrides and halves of surrogate pairs.
 */

/** 1: needs an escape, by code, up to U+00FF. */
const UNSAFE = new Uint8Array(256)
for (let code = 0; code < 0x20; code++) UNSAFE[code] = 1
for (let code = 0x7f; code < 0xa0; code++) UNSAFE[code] = 1
UNSAFE[0x22] = 1
UNSAFE[0x5c] = 1

/** The value for a line of plain text: `\"`, `\\`, `\x1B`, `\u2028`. */
export function escapePlain(value: string): string {
  return isSafe(value) ? value : escapeSlowly(value, plainEscape)
}

/** The value for the inside of a JSON string. */
export function escapeJson(value: string): string {
  return isSafe(value) ? value : escapeSlowly(value, jsonEscape)
}

function isSafe(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code < 0x100 ? UNSAFE[code] === 1 : isUnsafeWide(code)) return false
  }
  return true
}

/** Surrogates only make the slow path look: whole pairs pass there. */
function isUnsafeWide(code: number): boolean {
  if (code >= 0xd800) return code <= 0xdfff || code === 0xfeff
  if (code < 0x200b || code > 0x2069) return code === 0x061c
  return code <= 0x200f || (code >= 0x2028 && code <= 0x202e) || code >= 0x2066
}

function escapeSlowly(value: string, escapeOf: (code: number) => string): string {
  let escaped = ''
  for (const character of value) {
    const code = character.codePointAt(0)!
    const unsafe = code < 0x100 ? UNSAFE[code] === 1 : code <= 0xffff && isUnsafeWide(code)
    escaped += unsafe ? escapeOf(code) : character
  }
  return escaped
}

function plainEscape(code: number): string {
  if (code === 0x22 || code === 0x5c) return `\\${String.fromCharCode(code)}`
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`
}

function jsonEscape(code: number): string {
  if (code === 0x22 || code === 0x5c) return `\\${String.fromCharCode(code)}`
  return `\\u${hex(code, 4)}`
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0')
}
