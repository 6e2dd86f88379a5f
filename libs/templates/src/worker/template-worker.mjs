// Renders templates on request. Plain JavaScript, so that it runs from source and from dist alike.
import { parentPort, workerData } from 'node:worker_threads';
import runtime from 'handlebars/runtime.js';
import { compile } from 'html-to-text';
import { registerHelpers } from './template-helpers.mjs';

const { maxCharacters, progress } = workerData;
/** Which part is being worked on, for the one who ends this thread. */
const at = new Int32Array(progress);

const handlebars = runtime.create();
// Refused look-ups of prototypes give no value; nobody reads a log here.
handlebars.logger.log = () => undefined;
let format = { locale: 'en', timeZone: 'UTC', currency: null };
registerHelpers(handlebars, () => format, maxCharacters);

const toText = compile({
  wordwrap: 76,
  selectors: [
    { selector: 'img', format: 'skip' },
    // The preview line of mail clients, hidden in the mail itself.
    { selector: '*[style*="display: none"]', format: 'skip' },
    { selector: '*[style*="display:none"]', format: 'skip' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: ['(', ')'] } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
});

const templates = new Map();
function template({ key, code }) {
  // The code comes from the precompiler on the main thread, never from a message.
  if (code !== undefined) templates.set(key, handlebars.template(new Function(`return ${code}`)()));
  return templates.get(key);
}

const runtimeOptions = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false };

function fill(part, context) {
  const partials = Object.fromEntries(Object.entries(part.partials).map(([name, piece]) => [name, template(piece)]));
  return template(part)(context, { ...runtimeOptions, partials });
}

function render(part, context) {
  const output = part.html === undefined ? fill(part, context) : toText(part.html);
  if (output.length > maxCharacters) throw new Error(`the result is longer than ${maxCharacters} characters`);
  return output;
}

parentPort.on('message', (job) => {
  format = job.format;
  const outputs = [];
  try {
    for (const part of job.parts) {
      at[0] = outputs.length;
      outputs.push(render(part.textOf === undefined ? part : { html: outputs[part.textOf] }, job.context));
    }
    parentPort.postMessage({ outputs });
  } catch (error) {
    parentPort.postMessage({ error: error instanceof Error ? error.message : String(error), part: outputs.length });
  }
});
parentPort.postMessage('ready');
