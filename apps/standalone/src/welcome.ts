import type { Config } from '#config';
import type { Standalone } from './start-standalone.js';

/** What a person needs who has just started Kairos for the first time. */
export function welcome({ backbone, delivery, loaded, collectorUrl }: Standalone, config: Config): string {
  const rules = loaded.workspace.rules.map((rule) => rule.name).join(', ');
  const mails =
    config.smtpUrl !== null
      ? 'to the mail server of SMTP_URL'
      : delivery.outbox !== null
        ? `as files into ${delivery.outbox}`
        : 'by the providers of kairos.yaml';
  const ops = `http://${config.ops.host}:${config.ops.port}`;
  const event = JSON.stringify({
    userId: 'ann',
    event: 'Product Added',
    properties: { product_id: 'mug', name: 'Blue mug', price: 24 },
  });
  return `
Kairos is running.

  events     ${collectorUrl}/v1  (Segment's API)
  write key  ${backbone.writeKey}
  mails      ${mails}
  workspace  ${config.workspace}
  rules      ${rules}
  health     ${ops}/health/ready   metrics ${ops}/metrics

Send a first event:

  curl -u ${backbone.writeKey}: -H 'Content-Type: application/json' \\
    -d '${event}' ${collectorUrl}/v1/track

Ctrl-C stops it. What was decided, and why:  npx kairos messages
`;
}
