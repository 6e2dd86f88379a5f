/** Of the page as a whole: one column on a phone, dark where the reader's system is. Series have a colour by their place. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --ink: #1b2430; --faint: #5b6675; --line: #dfe3e8;
  --held: #a9b1bc; --s0: #2f6fde; --s1: #d9822b; --s2: #1f9d74; --s3: #c2417c; --s4: #7a58c9; --s5: #7d8794; --good: #17795a; --bad: #b23a48; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #12161c; --card: #1b212a; --ink: #e6eaf0; --faint: #9aa5b4; --line: #2e3743;
    --held: #566170; --s0: #6ea0ff; --s1: #f0a95b; --s2: #4fc79b; --s3: #e884b1; --s4: #ac90f0; --s5: #97a2b0; --good: #5fcfa6; --bad: #f08a96; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 .75rem; }
p { margin: .25rem 0; } .faint { color: var(--faint); font-size: .9em; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin-top: 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin-top: 1rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .7rem .9rem; }
.tile b { display: block; font-size: 1.55rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--faint); font-weight: 500; font-size: .85em; white-space: nowrap; } tr:last-child td { border-bottom: 0; }
td.n, th.n { text-align: right; white-space: nowrap; } td.name { overflow-wrap: anywhere; min-width: 8.5rem; }
.bar { width: 30%; min-width: 7rem; } td.bar { padding-left: .4rem; }
@media (max-width: 44rem) { .bar { display: none; } td.name { min-width: 6rem; } td, th { padding-right: .25rem; } th { font-size: .7em; }
  section { padding: .8rem .7rem; } table { font-size: .92em; } }
svg { display: block; width: 100%; } .columns { height: 11rem; border-bottom: 1px solid var(--line); } .strip { height: .85rem; margin-top: .3rem; }
.chart { display: grid; grid-template-columns: auto 1fr; gap: 0 .5rem; }
.scale { display: flex; flex-direction: column; justify-content: space-between; text-align: right; }
.ends { grid-column: 2; display: flex; justify-content: space-between; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: 0 0 .6rem; padding: 0; list-style: none; }
.legend svg { display: inline-block; width: .7rem; height: .7rem; margin-right: .35rem; }
.s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .s2 { fill: var(--s2); } .s3 { fill: var(--s3); } .s4 { fill: var(--s4); } .s5 { fill: var(--s5); }
.held { fill: var(--held); } .more { color: var(--good); } .less { color: var(--bad); }
details { margin-top: .75rem; } summary { cursor: pointer; color: var(--faint); }
@media print { body { background: #fff; } section, .tile { break-inside: avoid; } }
`;
