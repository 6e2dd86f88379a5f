import { exampleFindings } from './bad-fixtures.mjs';
import { cliPage } from './cli-page.mjs';
import { diagnosticsPage } from './diagnostics-page.mjs';
import { keysPage } from './keys-page.mjs';
import { metricsPage } from './metrics-page.mjs';
import { reasonsPage } from './reasons-page.mjs';
import { root } from '../setup/project.mjs';

/** The generated pages of docs/reference by file name, made from what was built. */
export async function referencePages() {
  const core = await import('#core');
  const { templateDiagnosticCodes } = await import('#templates');
  const { Metrics } = await import('#observability');
  const { createProgram } = await import(`${root}dist/apps/cli/src/program.js`);
  return {
    'cli.md': cliPage(createProgram(() => Promise.resolve())),
    'diagnostics.md': diagnosticsPage(await exampleFindings(), core.diagnosticCodes(), templateDiagnosticCodes()),
    'keys.md': keysPage(core.languageKeys()),
    'metrics.md': metricsPage(new Metrics().registry),
    'reasons.md': reasonsPage(core.REASONS, core.describeDecision),
  };
}
