import { createHash } from 'node:crypto'

/**
 * The one stylesheet of all pages. Colours are chosen in pairs: text has a contrast of at least 4.5 on what it
 * stands on, edges of controls and the focus ring at least 3, in light and in dark.
 */
export const stylesheet: string = `
:root {
  color-scheme: light dark;
  --ground: #eef2f0;
  --card: #ffffff;
  --well: #f5f8f7;
  --ink: #13201c;
  --quiet: #51615b;
  --line: #dbe3df;
  --edge: #75857e;
  --accent: #0b6450;
  --accent-deep: #084c3d;
  --on-accent: #ffffff;
  --tint: #e4f1ed;
  --tint-deep: #d2e7e0;
  --danger: #9f1d20;
  --danger-tint: #fdeeed;
  --focus: #1a56c4;
  --shade: 0 1px 2px rgb(19 32 28 / 6%), 0 12px 32px -12px rgb(19 32 28 / 18%);
  --round: 10px;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, Inter, 'Helvetica Neue', 'Noto Sans', sans-serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'Segoe UI Mono', Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0c1311;
    --card: #151e1b;
    --well: #1b2623;
    --ink: #e6eeeb;
    --quiet: #a3b3ad;
    --line: #2a3733;
    --edge: #71827b;
    --accent: #5cc9a9;
    --accent-deep: #7fdcc0;
    --on-accent: #04231b;
    --tint: #1b3a32;
    --tint-deep: #234a40;
    --danger: #ffb0aa;
    --danger-tint: #3a1c1c;
    --focus: #9cc4ff;
    --shade: 0 0 0 1px #2a3733;
  }
}
*, ::before, ::after { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100svh;
  padding: 20px 16px 48px;
  background: var(--ground);
  color: var(--ink);
  font: 400 1rem/1.5 var(--sans);
  overflow-wrap: break-word;
}
.brand {
  display: flex;
  align-items: center;
  gap: 10px;
  max-width: 27rem;
  margin: 0 auto 20px;
  font-weight: 650;
  letter-spacing: -0.01em;
}
.mark { flex: none; color: var(--accent) }
.card {
  max-width: 27rem;
  margin: 0 auto;
  padding: 28px 24px;
  background: var(--card);
  border-radius: 16px;
  box-shadow: var(--shade);
}
h1 { margin: 0; font-size: clamp(1.375rem, 1.2rem + 1vw, 1.625rem); line-height: 1.25; font-weight: 680; letter-spacing: -0.02em; text-wrap: balance }
h2 { margin: 0 0 12px; font-size: 0.9375rem; line-height: 1.4; font-weight: 650 }
p { margin: 16px 0 0 }
.lede { margin-top: 8px; color: var(--quiet); text-wrap: pretty }
.lede strong { color: var(--ink); font-weight: 600 }
a { color: var(--accent); text-underline-offset: 0.2em }
a:hover { color: var(--accent-deep) }
code { font: 0.9375em var(--mono); overflow-wrap: anywhere }
.detail { display: block; margin-top: 2px; color: var(--quiet); font-size: 0.9375rem }
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

form { margin: 24px 0 0 }
.field { margin: 0 0 18px }
label { display: block; margin: 0 0 6px; font-size: 0.9375rem; font-weight: 600 }
input:not([type='hidden']) {
  display: block;
  width: 100%;
  min-height: 48px;
  padding: 10px 14px;
  background: var(--card);
  color: inherit;
  border: 1px solid var(--edge);
  border-radius: var(--round);
  font: inherit;
  transition: border-color 120ms;
}
input:hover { border-color: var(--ink) }
input[aria-invalid='true'] { border-color: var(--danger); border-width: 2px; padding: 9px 13px }
.button {
  display: block;
  width: 100%;
  min-height: 48px;
  padding: 11px 16px;
  background: var(--tint);
  color: var(--accent-deep);
  border: 1px solid var(--accent);
  border-radius: var(--round);
  font: 600 1rem/1.5 var(--sans);
  text-align: center;
  text-decoration: none;
  cursor: pointer;
  transition: background-color 120ms;
}
.button:hover { background: var(--tint-deep) }
.button.primary { margin-top: 26px; background: var(--accent); color: var(--on-accent) }
form > .button + .button { margin-top: 12px }
form + form { margin-top: 12px }
.button.account { text-align: start }
.button .detail { font-weight: 400 }
#passkey-fault { margin-top: 12px }
[hidden] { display: none !important }
.button.primary:hover { background: var(--accent-deep); border-color: var(--accent-deep) }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
.fault {
  margin: 20px 0 -4px;
  padding: 12px 14px;
  background: var(--danger-tint);
  color: var(--danger);
  border-left: 4px solid;
  border-radius: 6px;
  font-weight: 500;
}

.facts { margin: 20px 0 0; padding: 2px 16px; background: var(--well); border-radius: var(--round) }
.facts > div { padding: 10px 0 }
.facts > div + div { border-top: 1px solid var(--line) }
dt { color: var(--quiet); font-size: 0.875rem }
dd { margin: 0; font-weight: 550; overflow-wrap: anywhere }
.permissions { margin: 6px 0 0; padding: 0; list-style: none }
.permissions li { position: relative; padding: 10px 0 10px 32px; text-wrap: pretty }
.permissions li + li { border-top: 1px solid var(--line) }
.permissions li::before {
  content: '';
  position: absolute;
  left: 7px;
  top: 14px;
  width: 7px;
  height: 13px;
  border: solid var(--accent);
  border-width: 0 2.5px 2.5px 0;
  transform: rotate(42deg);
}
.asked { margin: 12px 0 0; padding: 0; list-style: none }
.asked > li { padding: 12px 16px; background: var(--well); border: 1px solid var(--line); border-radius: var(--round) }
.asked > li + li { margin-top: 10px }
.asked-title { margin: 0; overflow-wrap: anywhere }
.sent { font-weight: 650; overflow-wrap: anywhere }
.asked-lines { margin: 8px 0 0 }
.asked-lines > div { padding: 4px 0 }
.asked-lines dd { overflow-wrap: anywhere; white-space: pre-wrap }
.asked summary { margin-top: 8px; padding: 11px 0; color: var(--accent); font-size: 0.9375rem; cursor: pointer }
.choice { display: grid; grid-template-columns: 1fr 1fr; gap: 12px }
.choice .button { padding-inline: 8px }
.about { display: flex; flex-wrap: wrap; gap: 0 20px; margin: 16px 0 -10px; padding: 0; list-style: none; font-size: 0.9375rem }
.about:empty { display: none }
.about a { display: inline-block; padding: 11px 0 }
.reference { padding-top: 16px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.9375rem }
.reference code { color: var(--ink); user-select: all }
.developer { margin: 24px 0 0; padding: 16px; border: 1px dashed var(--edge); border-radius: var(--round) }
.developer .facts { margin: 0; padding: 0; background: none }
.developer .facts > div:first-child { padding-top: 0 }
.developer dd { font-weight: 400 }
.developer .detail { margin: 8px 0 0; font-size: 0.875rem }
.way-on { margin-top: 24px }
.request { margin-top: 32px; padding-top: 24px; border-top: 1px solid var(--line) }

.wide .brand, .wide .card { max-width: 46rem }
.done { margin: 20px 0 0; padding: 12px 14px; background: var(--tint); color: var(--accent-deep); border-left: 4px solid; border-radius: 6px; font-weight: 500 }
.part { margin-top: 36px; padding-top: 24px; border-top: 1px solid var(--line) }
.part h2 { margin: 0; font-size: 1.125rem }
.part > p { margin-top: 6px }
.rows { margin: 16px 0 0; padding: 0; list-style: none }
.row { padding: 14px 16px; background: var(--well); border: 1px solid var(--line); border-radius: var(--round) }
.row + .row { margin-top: 10px }
.row form { margin: 12px 0 0 }
.row .button { min-height: 44px; padding: 8px 16px }
.row .detail { margin-top: 4px }
.row-title { margin: 0; font-size: 1rem; font-weight: 650; overflow-wrap: anywhere }
.row .about { margin: 4px 0 -10px }
.row .permissions li { padding: 6px 0 6px 28px }
.row .permissions li::before { top: 10px; left: 5px }
.row .permissions li + li { border-top: 0 }
.tag { display: inline-block; margin-inline-start: 6px; padding: 1px 10px; background: var(--tint); color: var(--accent-deep); border-radius: 20px; font-size: 0.875rem; font-weight: 600 }
.actions { margin-top: 16px }
.actions form { margin: 0 }
.qr { display: block; width: min(100%, 232px); height: auto; margin: 20px auto 0; border-radius: var(--round) }
.secret { display: block; margin-top: 6px; padding: 12px 14px; background: var(--well); border-radius: var(--round); font-size: 1.0625rem; letter-spacing: 0.03em; user-select: all }
.steps { margin: 20px 0 0; padding-inline-start: 1.4em }
.steps > li + li { margin-top: 18px }
.steps > li::marker { color: var(--quiet); font-weight: 600 }

@media (min-width: 34rem) {
  .row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 20px }
  .row > :first-child { flex: 1 1 18rem }
  .row form { margin: 0 }
  .row .button, .actions .button { width: auto; min-width: 7.5rem }
  .actions { display: flex; flex-wrap: wrap; gap: 12px }
}
@media (max-width: 33.99rem) { .actions > :not(:first-child) { margin-top: 12px } }
@media (min-width: 34rem) {
  body { padding: clamp(32px, 10vh, 112px) 24px 64px }
  .card { padding: 40px }
}
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { transition: none !important }
}
@media (forced-colors: active) {
  .card { border: 1px solid }
  .facts { padding: 2px 0 }
  .permissions li::before { border-color: CanvasText }
}
`.trimStart()

/** Of the text, so that a browser may keep the file for ever and still never shows an old one. */
export const stylesheetHash: string = createHash('sha256').update(stylesheet).digest('base64url').slice(0, 16)

/** Relative to the issuer; served immutable. */
export const stylesheetPath: string = `/assets/${stylesheetHash}.css`
