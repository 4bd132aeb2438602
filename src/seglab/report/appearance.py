"""How the report looks, and the script that draws its charts. Nothing is loaded from anywhere."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --muted: #5c656e; --line: #d9dee3;
  --ground: #ffffff; --panel: #f4f6f8; --accent: #0072b2; --warn: #8a4b00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --muted: #a2abb4; --line: #363d44;
  --ground: #15181b; --panel: #1e2226; --accent: #56b4e9; --warn: #f0b561; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .6rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 3rem 0 .6rem; padding-top: 1rem;
  border-top: 2px solid var(--accent); overflow-wrap: anywhere; }
h3 { font-size: 1.02rem; margin: 2rem 0 .4rem; }
h4 { font-size: .9rem; margin: 1rem 0 .3rem; }
p { max-width: 78ch; margin: .5rem 0; }
a { color: var(--accent); }
.lead { font-size: 1.05rem; }
.quiet, figcaption, small, .notes { color: var(--muted); }
.notice { color: var(--warn); border-left: 3px solid currentColor; padding: .1rem 0 .1rem .8rem;
  overflow-wrap: anywhere; }
nav { margin-top: 1.4rem; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; }
.key { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.6rem, 1fr)); gap: 1.2rem;
  margin: 1rem 0; padding: 0; }
.key dt { color: var(--muted); font-size: .87rem; }
.key dd { margin: 0; font-size: 1.65rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.key small { display: block; font-size: .8rem; }
.notes { font-size: .87rem; max-width: 92ch; margin: .6rem 0; }
ul { padding-left: 1.1rem; }
.scroll { overflow-x: auto; margin: .8rem 0;
  /* A shade at an edge beyond which there is more. */
  background: linear-gradient(to right, var(--ground) 40%, transparent) local,
    linear-gradient(to left, var(--ground) 40%, transparent) 100% 0 local,
    linear-gradient(to right, var(--line), transparent),
    linear-gradient(to left, var(--line), transparent) 100% 0;
  background-repeat: no-repeat; background-size: 40px 100%, 40px 100%, 14px 100%, 14px 100%; }
ul.notice { list-style: none; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .34rem .7rem .34rem 0; text-align: right; vertical-align: top;
  border-bottom: 1px solid var(--line); font-weight: 400; white-space: nowrap; }
th.text, td.text { text-align: left; }
th:not(:first-child), td:not(:first-child) { padding-left: .7rem; }
thead th { color: var(--muted); font-size: .93em; vertical-align: bottom; white-space: normal; }
td small { font-size: .82em; }
.stacked td small { display: block; line-height: 1.3; }
.member th { padding-left: 1.1rem; color: var(--muted); }
.best { font-weight: 650; color: var(--accent); }
.words td { white-space: normal; overflow-wrap: break-word; max-width: 26em; }
.confusion td { min-width: 7.2rem;
  background: color-mix(in srgb, var(--accent) calc(var(--share) * 42%), transparent); }
.confusion td, .confusion th { padding: .45rem .7rem; }
figure { margin: 1rem 0; min-width: 0; }
figcaption { font-size: .87rem; max-width: 92ch; margin-top: .3rem; }
.chart { width: 100%; overflow: hidden; }
.beside { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 430px), 1fr));
  gap: 0 2rem; }
.pictures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1rem; margin: .6rem 0; }
.pictures figure { margin: 0; }
.pictures img { width: 100%; height: auto; display: block; }
.pictures figcaption { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.pictures b { display: block; font-weight: 400; color: var(--ink); }
.swatch { display: inline-block; width: 1.5em; height: .34em; margin: 0 .35em .15em 0;
  vertical-align: middle; border: 1px solid var(--muted); }
pre, code { font-size: .85rem;
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--panel); padding: .7rem .9rem; margin: .5rem 0; white-space: pre-wrap;
  overflow-wrap: anywhere; }
details { margin: .6rem 0; }
summary { cursor: pointer; color: var(--accent); }
svg.interval { display: block; height: 1.1em; width: 130px; overflow: visible; }
svg.interval line { stroke: var(--muted); stroke-width: 1; }
svg.interval .reach { stroke: var(--accent); stroke-width: 2; }
svg.interval circle { fill: var(--accent); }
@media (max-width: 620px) { main { padding: 22px 16px 48px; } h1 { font-size: 1.5rem; }
  .pictures { grid-template-columns: repeat(2, 1fr); } td small { display: block; } }
@media print {
  :root { color-scheme: light; --ink: #000; --muted: #444; --line: #bbb; --ground: #fff;
    --panel: #f2f2f2; --accent: #0072b2; --warn: #8a4b00; }
  @page { margin: 14mm; }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3 { break-after: avoid; }
  figure, tr, .key, pre { break-inside: avoid; }
  .scroll { overflow: visible; background: none; break-inside: avoid; }
  table { font-size: 8pt; }
  th:not(:first-child), td:not(:first-child) { padding-left: .35rem; }
  th, td { padding-right: .35rem; }
  .pictures { grid-template-columns: repeat(4, 1fr); }
  .beside { grid-template-columns: 1fr 1fr; }
}
"""

SCRIPT = """
'use strict';
const charts = [...document.querySelectorAll('.chart')];
const settings = { responsive: true, displaylogo: false,
  modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'] };
const light = { ink: '#000', line: '#ccc', ground: '#fff' };

function pageColours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue('--' + name).trim();
  return { ink: colour('ink'), line: colour('line'), ground: colour('ground') };
}

function draw(chart, colours, width) {
  const figure = JSON.parse(chart.previousElementSibling.textContent);
  const layout = figure.layout;
  layout.font = { ...layout.font, color: colours.ink,
    family: getComputedStyle(document.body).fontFamily };
  layout.paper_bgcolor = layout.plot_bgcolor = 'rgba(0,0,0,0)';
  layout.hoverlabel = { bgcolor: colours.ground, bordercolor: colours.line,
    font: { color: colours.ink } };
  layout.legend = { ...layout.legend, bgcolor: 'rgba(0,0,0,0)' };
  for (const name of Object.keys(layout).filter((key) => /^[xy]axis/.test(key))) {
    Object.assign(layout[name], { gridcolor: colours.line, linecolor: colours.line,
      zeroline: false, showline: true, ticks: '' });
  }
  if (width) { layout.width = width; layout.autosize = false; }
  Plotly.react(chart, figure.data, layout, settings);
}

function drawAll(colours, width) { charts.forEach((chart) => draw(chart, colours, width)); }

drawAll(pageColours());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawAll(pageColours()));
// A sheet of A4 within its margins is 680 pixels wide; paper is white.
addEventListener('beforeprint', () => charts.forEach((chart) =>
  draw(chart, light, chart.closest('.beside') ? 325 : 680)));
addEventListener('afterprint', () => drawAll(pageColours()));
"""
