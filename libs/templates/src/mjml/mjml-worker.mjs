// Turns MJML into HTML on request. Plain JavaScript, so that it runs from source and from dist alike.
import { parentPort } from 'node:worker_threads';
import mjml2html from 'mjml';

parentPort.on('message', async ({ number, source }) => {
  try {
    const { html, errors } = await mjml2html(source, {
      validationLevel: 'soft',
      ignoreIncludes: true,
      keepComments: false,
    });
    const problems = errors.map(({ line, message, tagName }) => ({ line, message: `${message} (<${tagName}>)` }));
    parentPort.postMessage({ number, html, problems });
  } catch (error) {
    parentPort.postMessage({ number, error: error instanceof Error ? error.message : String(error) });
  }
});
