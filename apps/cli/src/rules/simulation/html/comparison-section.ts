import type { MessageDifference } from '#rule-testing';
import { CHANGES, inParts, type ComparisonReport } from '../comparison-report.js';
import { counted, n, whoGetsSomethingElse } from '../report-words.js';
import type { SimulationReport } from '../simulation-report.js';
import { strip } from './charts.js';
import { html, NOTHING, type Html } from './html.js';

const SHOWN = 200;

/** What would be different from another workspace, by rule, and for whom. */
export function comparisonSection(report: SimulationReport, comparison: ComparisonReport): Html {
  const { against, differences, other } = comparison;
  const more = differences.length - SHOWN;
  return html`<section>
    <h2>Compared with ${against}</h2>
    <p>${whoGetsSomethingElse(report, comparison)}</p>
    <p class="faint">
      Here ${counted(report.sent, 'message')} to ${counted(report.reached, 'customer')}, there
      ${counted(other.sent, 'message')} to ${counted(other.reached, 'customer')}.
    </p>
    ${byRule(comparison)} ${differences.length === 0 ? NOTHING : messages(differences.slice(0, SHOWN))}
    ${more > 0 ? html`<p class="faint">and ${counted(more, 'more difference')}; all of them with --format json</p>` : NOTHING}
  </section>`;
}

function byRule({ rules }: ComparisonReport): Html {
  const most = Math.max(1, ...rules.map((each) => each.same + each.onlyWorkspace + each.onlyOther + each.moved));
  return html`<div class="scroll">
    <table>
      <tr>
        <th>rule</th>
        <th class="n">the same</th>
        <th class="n">only here</th>
        <th class="n">only there</th>
        <th class="n">otherwise</th>
        <th class="n">customers</th>
        <th class="bar"></th>
      </tr>
      ${rules.map(({ rule, same, onlyWorkspace, onlyOther, moved, customers }) => {
        const parts = [
          { value: same, colour: 'held' },
          { value: onlyWorkspace, colour: 's2' },
          { value: onlyOther, colour: 's3' },
          { value: moved, colour: 's1' },
        ];
        const said = `${rule}: ${n(same)} the same, ${n(onlyWorkspace)} only here, ${n(onlyOther)} only there, ${n(moved)} otherwise`;
        return html`<tr>
          <td class="name">${rule}</td>
          <td class="n">${n(same)}</td>
          <td class="n">${n(onlyWorkspace)}</td>
          <td class="n">${n(onlyOther)}</td>
          <td class="n">${n(moved)}</td>
          <td class="n">${n(customers)}</td>
          <td class="bar">${strip(said, parts, most)}</td>
        </tr>`;
      })}
    </table>
  </div>`;
}

function messages(differences: readonly MessageDifference[]): Html {
  const classes = { only_workspace: 'more', only_other: 'less', moved: '' } as const;
  return html`<details>
    <summary>Message by message</summary>
    <div class="scroll">
      <table>
        <tr>
          <th>customer</th>
          <th>when</th>
          <th>message</th>
        </tr>
        ${differences.map((difference) => {
          const { at, channel, what } = inParts(difference);
          return html`<tr>
            <td class="name">${difference.customer}</td>
            <td>${at.slice(0, 16).replace('T', ' ')} ${channel}</td>
            <td class="why">
              <span class="${classes[difference.change]}">${CHANGES[difference.change]}</span> ${what}
              <div class="faint">${difference.why}</div>
            </td>
          </tr>`;
        })}
      </table>
    </div>
  </details>`;
}
