/**
 * The look of the hosted pages: one style sheet, from the pool's own address, with the colors as custom properties.
 *
 * Text has a contrast of 7:1 and more, controls 4.5:1 (WCAG 2.2 AA asks for 4.5 and 3). Everything is in `rem`, so that
 * a reader's own text size holds; a card of 24 rem shrinks down to 320 pixels. What may be changed is in `theme.ts`.
 */

export const PAGE_STYLE = `
:root {
  color-scheme: light;
  --ink: #1b2430;
  --soft: #4a5565;
  --line: #6b7686;
  --paper: #ffffff;
  --ground: #eef1f6;
  --accent: #1d4ed8;
  --accent-strong: #1e3a8a;
  --accent-ink: #ffffff;
  --error: #a11212;
  --error-paper: #fdf0f0;
  --good: #14532d;
  --good-paper: #effaf2;
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: 1rem;
  padding: 1.5rem 1rem;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
main {
  width: 100%;
  max-width: 25rem;
  background: var(--paper);
  border: 1px solid #d5dbe5;
  border-radius: 0.75rem;
  box-shadow: 0 1px 2px rgb(16 24 40 / 6%), 0 8px 24px rgb(16 24 40 / 8%);
  overflow: hidden;
}
.banner-customizable { padding: 1.75rem 2rem 0; }
.content { padding: 1.25rem 2rem 2rem; }
.logo-customizable { display: block; max-width: 100%; max-height: 4rem; }
.brand { margin: 0; font-weight: 600; color: var(--soft); overflow-wrap: anywhere; }
h1 { margin: 0 0 0.25rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.01em; }
p { margin: 0 0 1rem; }
.textDescription-customizable { color: var(--soft); overflow-wrap: anywhere; }
form { margin: 1.25rem 0 0; }
.field { margin: 0 0 1.125rem; }
label { display: block; margin: 0 0 0.375rem; font-weight: 600; }
.hint { margin: 0.375rem 0 0; font-size: 0.875rem; color: var(--soft); }
.hint ul { margin: 0.25rem 0 0; padding-left: 1.125rem; }
input {
  display: block;
  width: 100%;
  min-height: 2.875rem;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  background: var(--paper);
  color: inherit;
  font: inherit;
}
input[aria-invalid="true"] { border-color: var(--error); border-width: 2px; }
input.code { font-size: 1.375rem; letter-spacing: 0.25em; font-variant-numeric: tabular-nums; }
button {
  display: block;
  width: 100%;
  min-height: 2.875rem;
  margin: 1.5rem 0 0;
  padding: 0.5rem 1rem;
  border: 1px solid transparent;
  border-radius: 0.5rem;
  background: var(--accent);
  color: var(--accent-ink);
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
button:hover { background: var(--accent-strong); }
button.link {
  display: inline;
  width: auto;
  min-height: 1.5rem;
  margin: 0;
  padding: 0;
  border: 0;
  background: none;
  color: var(--accent);
  font-weight: 400;
  text-decoration: underline;
}
button.link:hover { background: none; color: var(--accent-strong); }
a { color: var(--accent); text-underline-offset: 0.15em; }
a:hover { color: var(--accent-strong); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.errorMessage-customizable, .notice {
  margin: 1rem 0 0;
  padding: 0.75rem 1rem;
  border-left: 4px solid var(--error);
  border-radius: 0.25rem;
  background: var(--error-paper);
  color: var(--error);
  overflow-wrap: anywhere;
}
.notice { border-color: var(--good); background: var(--good-paper); color: var(--good); }
.links { margin: 1.25rem 0 0; padding: 0; list-style: none; display: grid; gap: 0.5rem; }
.links form { margin: 0; display: inline; }
@media (max-width: 30rem) {
  body { justify-content: flex-start; padding: 0; background: var(--paper); }
  main { border: 0; border-radius: 0; box-shadow: none; max-width: none; }
  .banner-customizable { padding: 1.5rem 1.25rem 0; }
  .content { padding: 1.25rem 1.25rem 2rem; }
}
@media (prefers-reduced-motion: no-preference) {
  button, input { transition: background-color 120ms, border-color 120ms; }
}
@media (forced-colors: active) {
  button { border-color: ButtonText; }
}
`.trimStart()
