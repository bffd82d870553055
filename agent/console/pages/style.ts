/** The page's style sheet; colours meet WCAG AA in both themes, and state is never told by colour alone. */
export const STYLE = `
:root { color-scheme: light dark; --page: #ffffff; --text: #1f2328; --muted: #59636e; --line: #d1d9e0;
  --bad: #991b1b; --bad-text: #ffffff; --warn: #fef3c7; --warn-text: #78350f; --good: #dcfce7; --good-text: #14532d;
  --new: #dbeafe; --new-text: #1e3a8a; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --text: #e6edf3; --muted: #9aa4af; --line: #30363d;
  --bad: #fca5a5; --bad-text: #450a0a; --warn: #3d2c07; --warn-text: #fcd980; --good: #12351f; --good-text: #a7f3c0;
  --new: #14284d; --new-text: #a9c7fd; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
header { display: flex; gap: 1rem; padding: .6rem 1.2rem; border-bottom: 1px solid var(--line); }
header span, header time { color: var(--muted); }
header time { margin-left: auto; }
main { padding: 0 1.2rem 2rem; max-width: 1600px; margin: auto; }
h1 { font-size: 1.25rem; padding: .7rem 1rem; border-radius: .4rem; margin: 1.2rem 0; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1.6rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th { text-align: left; color: var(--muted); font-weight: 500; white-space: nowrap; }
th, td { padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { font-variant-numeric: tabular-nums; white-space: nowrap; }
td:last-child { white-space: normal; overflow-wrap: anywhere; width: 40%; min-width: 16rem; }
code { font: 12px ui-monospace, monospace; }
form { margin: 0 0 .8rem; display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; }
input { font: inherit; padding: .3rem .5rem; min-width: 20rem; max-width: 100%; }
button { font: inherit; padding: .3rem .8rem; }
h1.failing, tr.failing td:first-child, tr.blocked td:first-child, tr.silent td:first-child {
  background: var(--bad); color: var(--bad-text); font-weight: 600; }
h1.pending, tr.pending td:first-child { background: var(--new); color: var(--new-text); }
h1.ok, tr.ok td:first-child, tr.quiet td:first-child { background: var(--good); color: var(--good-text); }
tr.lagging td:first-child, tr.retrying td:first-child, tr.unproven td:first-child {
  background: var(--warn); color: var(--warn-text); }
td:first-child { padding-left: .5rem; }
th:nth-child(2), td:nth-child(2) { padding-left: .7rem; }
@media (max-width: 700px) { table { display: block; overflow-x: auto; } }
`;
