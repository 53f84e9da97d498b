/** The look of the page. Every tone is told by a word too, and no colour is used that has less contrast than WCAG AA asks. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f6f4; --surface: #ffffff; --ink: #1d2126; --quiet: #59616b; --line: #e2e3e1; --link: #1f58a8;
  --failed: #b3261e; --error: #a0307a; --unjudged: #855700; --not-reviewed: #3b5a8a; --waived: #60519b; --not-applicable: #5c646d; --passed: #1d6b42;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #131619; --surface: #1b1f24; --ink: #e5e7ea; --quiet: #a0a8b2; --line: #2e343b; --link: #8db9f5;
    --failed: #ff9b90; --error: #f096cf; --unjudged: #e9b65a; --not-reviewed: #9dbcf0; --waived: #bdb0f5; --not-applicable: #a9b1ba; --passed: #7fcfa1;
  }
}
.failed { --tone: var(--failed) }
.error { --tone: var(--error) }
.unjudged { --tone: var(--unjudged) }
.not-reviewed { --tone: var(--not-reviewed) }
.waived { --tone: var(--waived) }
.not-applicable { --tone: var(--not-applicable) }
.passed { --tone: var(--passed) }
* { box-sizing: border-box }
html { scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body {
  margin: 0 auto; padding: clamp(1rem, 3vw, 2.5rem); max-width: 80rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere;
}
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .18em }
code { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: .25rem }
h1, h2, h3, h4, p, ul, ol, dl, dd { margin: 0 }
h1 { font-size: clamp(1.9rem, 5vw, 2.75rem); font-weight: 650; line-height: 1.1; letter-spacing: -.02em; color: var(--tone) }
h2 { font-size: 1.375rem; font-weight: 620; letter-spacing: -.01em; margin: 3rem 0 1rem }
h3 { font-size: 1.0625rem; font-weight: 620; margin: 2rem 0 .625rem; color: var(--tone) }
h4, dt, legend, .product { font-size: .8125rem; font-weight: 500; color: var(--quiet) }
.quiet { color: var(--quiet); font-weight: 400; font-size: .875rem }
dd > .quiet, td > .quiet, th > .quiet, li > .quiet, p > .quiet { display: block }
ul { padding-left: 1.1rem }
.legend, nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap }
.figure { font-variant-numeric: tabular-nums; font-weight: 620; white-space: nowrap }

.banner, table, main > section > dl, .changes > dl, #filter { background: var(--surface); border: 1px solid var(--line); border-radius: .875rem }
.banner { padding: clamp(1.25rem, 3.5vw, 2.5rem); box-shadow: inset 0 .375rem var(--tone) }
.verdict { display: flex; gap: 1.25rem; align-items: center; margin: 1.25rem 0 1.75rem }
.verdict p { margin-top: .375rem; color: var(--quiet) }
.sign {
  flex: none; width: 3.5rem; height: 3.5rem; border-radius: 50%; display: grid; place-items: center; font-size: 1.6rem; font-weight: 700;
  color: var(--tone); background: color-mix(in srgb, var(--tone) 13%, var(--surface));
}
.reasons { margin: 0 0 1.75rem; padding: 1rem 1.25rem; border-radius: .625rem; background: color-mix(in srgb, var(--tone) 9%, var(--surface)) }
.banner dl { display: flex; flex-wrap: wrap; gap: 1rem 3rem }
.banner dl + dl { margin-top: 1rem }
.banner dd .quiet { display: inline; margin-left: .5rem }
.compliance { margin-left: auto; text-align: right; font-size: .875rem }
.compliance b { display: block; font-size: clamp(1.5rem, 4vw, 2.125rem); font-weight: 620; line-height: 1.2; letter-spacing: -.015em; color: var(--ink); font-variant-numeric: tabular-nums; white-space: nowrap }
.banner dd { font-weight: 560 }
.bar { display: block; width: 100%; height: .625rem; border-radius: .3125rem; background: var(--line) }
.bar rect { fill: var(--tone); stroke: var(--surface); stroke-width: 1px }
.banner .bar { margin-top: 2rem }
.legend { gap: .25rem 1.25rem; margin-top: .75rem; font-size: .875rem }
.legend li::before { content: ""; display: inline-block; width: .625rem; height: .625rem; border-radius: .1875rem; margin-right: .4375rem; background: var(--tone) }
.legend a { color: inherit; text-decoration-color: var(--line) }
.legend b { font-weight: 620; font-variant-numeric: tabular-nums }
nav { margin: 1.25rem 0 0 }
nav ul { gap: .25rem 1.5rem; font-size: .9375rem }
nav a { display: inline-block; padding: .25rem 0; text-decoration: none }
nav a:hover { text-decoration: underline }

table { width: 100%; border-collapse: separate; border-spacing: 0 }
th, td { text-align: left; vertical-align: top; padding: .875rem 1.25rem; border-top: 1px solid var(--line); font-weight: 400 }
thead th { border-top: 0; font-size: .8125rem; font-weight: 500; color: var(--quiet); padding-block: .75rem; white-space: nowrap }
tbody th { font-weight: 560; min-width: clamp(12rem, 22vw, 18rem) }
tbody td { min-width: 8rem }
.part { display: inline-block; max-width: 100% }
td[data-label="Container"] { min-width: 14rem }
td[data-label="Control"] { min-width: 11rem }
td[data-label="Bound"] { min-width: 13rem }
td[data-label="Approach"] { min-width: 14rem }
td[data-label="Controls"] a { display: inline-block }
td .legend { gap: .125rem 1rem; margin-top: .5rem }
td[data-label="Controls"] { min-width: 15rem }
td[data-label="Expected"], td[data-label="Actual"] { min-width: 8rem; font-variant-numeric: tabular-nums }
td[data-label="Compliance"] { white-space: nowrap; font-variant-numeric: tabular-nums }
.more { font-size: .875rem; font-weight: 400; margin-top: .375rem }
.changes { margin-top: 1rem }
.changes > summary { cursor: pointer; font-weight: 560; margin-bottom: .5rem; width: fit-content }
.more summary { color: var(--link); cursor: pointer; width: fit-content }
td dl { margin-top: .5rem; font-weight: 400; font-size: .875rem }
dl > div { min-width: 0 }
td dl > div, .row dl > div, main > section > dl > div { display: grid; grid-template-columns: 9.5rem minmax(0, 1fr); gap: .125rem 1.25rem; padding: .25rem 0 }
td dl > div { grid-template-columns: 7rem minmax(0, 1fr) }
main > section > dl, .changes > dl { padding: .5rem 1.5rem }
.changes > dl > div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: .125rem 1.25rem; padding: .375rem 0 }
main > section > dl > div { padding: .875rem 0; grid-template-columns: 11rem minmax(0, 1fr) }
main > section > dl > div + div { border-top: 1px solid var(--line) }
dt { padding-top: .1em }
main dd ul { list-style: none; padding: 0; display: grid; gap: .375rem }

#filter { position: sticky; top: 0; z-index: 1; padding: 1rem 1.25rem; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .75rem 1.25rem; font-size: .9375rem }
.choices { grid-column: 1 / -1 }
#filter[hidden], .off { display: none }
.choices, #filter fieldset, .actions { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center }
#filter label { display: inline-flex; align-items: center; gap: .4375rem; color: var(--quiet); max-width: 100% }
#filter fieldset { border: 0; margin: 0; padding: 0; min-width: 0 }
#filter fieldset label { color: var(--tone) }
#filter legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
.search { flex: 1 1 18rem }
#filter input[type="search"], #filter select, #filter button {
  font: inherit; color: var(--ink); background: var(--ground); border: 1px solid var(--quiet); border-radius: .5rem; padding: .375rem .75rem; min-width: 0; max-width: 100%;
}
#filter input[type="search"] { flex: 1 }
#filter input[type="checkbox"] { accent-color: var(--tone); width: 1.0625rem; height: 1.0625rem; margin: 0 }
#filter button { border-color: var(--line); cursor: pointer; font-size: .875rem }
#filter button:hover { border-color: var(--quiet) }
#shown { margin-top: .75rem; color: var(--quiet); font-size: .9375rem }
#shown:empty { display: none }

.group h3 .quiet { margin-left: .25rem }
.group > p { margin: 0 0 .75rem; max-width: 75ch }
.row { background: var(--surface); border: 1px solid var(--line); border-bottom-width: 0; content-visibility: auto; contain-intrinsic-size: auto 3.25rem }
.group > :is(h3, p) + .row { border-radius: .875rem .875rem 0 0 }
.row:last-child { border-bottom-width: 1px; border-radius: 0 0 .875rem .875rem }
.group > :is(h3, p) + .row:last-child { border-bottom-width: 1px; border-radius: .875rem }
.row > summary {
  display: grid; grid-template-columns: .75rem max-content 4rem minmax(6rem, 8.5rem) minmax(0, 1fr); gap: .25rem 1rem; align-items: baseline;
  padding: .75rem 1.25rem; cursor: pointer; list-style: none;
}
.row > summary::-webkit-details-marker { display: none }
.row > summary::before { content: "›"; color: var(--quiet); font-weight: 600 }
.row[open] > summary::before { transform: rotate(90deg) }
.row > summary:hover { background: color-mix(in srgb, var(--tone) 5%, var(--surface)) }
.row > summary:focus-visible { outline-offset: -3px; border-radius: .75rem }
.chip { justify-self: start }
.chip, .node {
  font-size: .8125rem; font-weight: 560; line-height: 1.4; padding: .125rem .625rem; border-radius: 1rem; white-space: nowrap;
  color: var(--tone); background: color-mix(in srgb, var(--tone) 11%, var(--surface));
}
.node { color: var(--quiet); background: none; border: 1px solid var(--line); margin-left: .5rem; font-weight: 500 }
.severity { font-size: .875rem; color: var(--quiet) }
.group:is(.failed, .error, .unjudged) :is(.critical, .high) { color: var(--ink); font-weight: 650 }
.id { font-weight: 560 }
.target { display: inline-block; max-width: 100%; font-size: .875rem; color: var(--quiet); margin-left: .5rem }
.alone .target { display: none }
.row[open] > summary .title { font-weight: 560 }
.body { padding: .25rem 1.25rem 1.5rem 3rem; max-width: 62rem; scroll-margin-top: 4.5rem }
form:not([hidden]) ~ .group :is(h3, summary) { scroll-margin-top: 10rem }
form:not([hidden]) ~ .group .body { scroll-margin-top: 13.5rem }
.body dd { white-space: pre-wrap }
.checks { list-style: none; padding: 0; display: grid; gap: .625rem; margin: .5rem 0 }
.checks li { padding: .5rem 1rem; border-left: 3px solid var(--tone); background: color-mix(in srgb, var(--tone) 5%, var(--surface)); border-radius: 0 .5rem .5rem 0 }
.checks dd { font: .875rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace }
.checks dl > div, .asked dl > div { grid-template-columns: 5.5rem minmax(0, 1fr) }
.asked { list-style: none; padding: 0; display: grid; gap: .625rem; margin: .625rem 0 }
.asked li { padding: .5rem 1rem; border-left: 3px solid var(--line); background: color-mix(in srgb, var(--quiet) 5%, var(--surface)); border-radius: 0 .5rem .5rem 0 }
.asked li > code { white-space: pre-wrap }
.asked pre { margin: .375rem 0 0; white-space: pre-wrap; font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace }
.body h4 { margin: 1.25rem 0 .25rem }
.text { white-space: pre-wrap; max-width: 80ch }
.note { margin: .75rem 0; padding: .75rem 1.25rem; border-left: 3px solid var(--quiet); background: color-mix(in srgb, var(--quiet) 7%, var(--surface)); border-radius: 0 .5rem .5rem 0; max-width: 80ch }
.leftovers { margin: 0 0 1rem; padding: 1rem 1.5rem; border: 1px solid var(--failed); border-left-width: .375rem; border-radius: .625rem; background: var(--surface) }
#notes + ul { display: grid; gap: .375rem }

@media (max-width: 62rem) {
  table, thead, tbody, tr, th, td { display: block }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  tbody tr { padding: .875rem 1.25rem }
  tbody tr + tr { border-top: 1px solid var(--line) }
  tbody th, tbody td { border: 0; padding: .25rem 0; min-width: 0 }
  tbody td { padding-left: 7rem }
  td::before { content: attr(data-label); float: left; margin-left: -7rem; width: 6.5rem; font-size: .8125rem; font-weight: 500; color: var(--quiet); line-height: 1.9 }
  .verdict { flex-wrap: wrap; gap: 1rem }
  .verdict > div { flex: 1 1 60% }
  .compliance { margin: 0; text-align: left; width: 100% }
  .compliance b { display: inline; margin-right: .25rem }
  .banner dl { gap: 1rem 2rem }
  td[data-label="Compliance"] { white-space: normal }
  #filter { position: static; grid-template-columns: minmax(0, 1fr) }
  .row > summary { grid-template-columns: .5rem auto 1fr; gap: .25rem .625rem; padding: .875rem 1rem; contain-intrinsic-size: auto 6.5rem }
  .row > summary :is(.id, .what) { grid-column: 2 / -1 }
  .row > summary .target { margin: 0 }
  .row > summary .title { display: block }
  .row { contain-intrinsic-size: auto 7.5rem }
  .body { padding: 0 1rem 1.25rem; scroll-margin-top: 9rem }
  form:not([hidden]) ~ .group .body { scroll-margin-top: 9rem }
  form:not([hidden]) ~ .group :is(h3, summary) { scroll-margin-top: 1.5rem }
  td dl > div, .row dl > div, main > section > dl > div, .changes > dl > div, :is(.checks, .asked) dl > div { grid-template-columns: minmax(0, 1fr) }
}
@media print {
  :root {
    color-scheme: light; --ground: #fff; --surface: #fff; --ink: #000; --quiet: #333; --line: #999; --link: #000;
    --failed: #000; --error: #000; --unjudged: #000; --not-reviewed: #000; --waived: #000; --not-applicable: #000; --passed: #000;
  }
  body { padding: 0; font-size: 10pt; max-width: none }
  nav, #filter, .bar { display: none }
  .banner, table, main > section > dl, .changes > dl, .group > .row.row.row { border-radius: 0 }
  .banner { box-shadow: none; border-top: .25rem solid #000 }
  .chip, .reasons, .note, :is(.checks, .asked) li { background: none }
  .chip { padding: 0 }
  .row { content-visibility: visible; font-size: 9pt; line-height: 1.35 }
  summary, h2, h3, h4 { break-after: avoid }
  tr, .checks li { break-inside: avoid }
  :is(.group:not(.passed, .not-applicable) .row, .row details, .changes, .more)::details-content { content-visibility: visible; block-size: auto }
  .row > summary { grid-template-columns: max-content 4rem minmax(5.5rem, 8.5rem) minmax(0, 1fr); padding: .25rem .75rem; gap: .125rem .75rem }
  .row > summary::before { display: none }
  .row > summary :is(.id, .what) { grid-column: auto }
  .row > summary .title { display: inline }
  .row dl > div, td dl > div, :is(.checks, .asked) dl > div { grid-template-columns: 6rem minmax(0, 1fr); padding: 0 }
  .row .quiet, .row code { font-size: inherit }
  .body h4 { margin: .375rem 0 0 }
  .checks, .checks li, .asked, .asked li { margin: .25rem 0; padding-block: .125rem; font-size: inherit }
  .checks dd { font-size: inherit }
  .body { padding: 0 .75rem .75rem 1.5rem; max-width: none; font-size: 9pt; line-height: 1.4 }
}
`
