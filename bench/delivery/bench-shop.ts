import { compileRuleset, readWorkspace, rulesetsOf } from '#core';
import type { LoadedRulesets } from '#engine';

const RULE = 'thanks';
/** The mail that both sides send: a heading, four lines of an order, a link, a way out. */
const MAIL = `<html><body><h1>Thank you, {{customer.name}}</h1>
<p>Your order {{start.order_id}} is on its way:</p>
<table>{{#each start.products}}<tr><td>{{name}}</td><td>{{quantity}}</td></tr>{{/each}}</table>
<p><a href="https://shop.test/orders/{{start.order_id}}">Where is it?</a></p>
<p><a href="{{unsubscribe}}">No more of these</a></p></body></html>`;
const TEXT = `Thank you, {{customer.name}}. Your order {{start.order_id}} is on its way:
{{#each start.products}}{{quantity}} x {{name}}
{{/each}}No more of these: {{unsubscribe}}`;

/** A shop with one rule, one mail and the caps that a decision has to look at; \`caps\`: of R8. */
export function benchShop(caps: string): LoadedRulesets {
  const texts = {
    'kairos.yaml': `time zone: UTC
locale: en
channels: [email]
shop: { name: The Shop }
categories: { care: { consent: opt-out } }
tracking: { opens: false, clicks: false }
webhooks: { sink: { url: "http://127.0.0.1:9", allow private: true } }
${caps}
`,
    [`rules/${RULE}.yaml`]: `rule: ${RULE}\ncategory: care\nstart: { event: Order Completed }\nsteps: [{ send: thanks }]\n`,
    'templates/thanks/subject.hbs': 'Your order {{start.order_id}}',
    'templates/thanks/email.hbs': MAIL,
    'templates/thanks/email.txt.hbs': TEXT,
  };
  const files = Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  const { workspace, diagnostics } = readWorkspace(files);
  if (workspace === null) throw new Error(diagnostics.map(({ file, message }) => `${file}: ${message}`).join('\n'));
  const rulesets = rulesetsOf(compileRuleset(workspace, 1, {}));
  return { rulesets, workspace, workspaces: new Map([[rulesets.current.number, workspace]]) };
}

export const DAILY_CAPS = `caps:
  - { at most: 1, per: 1 day, category: care }
  - { at most: 4, per: calendar week }`;

/** What the order of a message is about. */
export const orderOf = (n: number): { order_id: string; products: { name: string; quantity: number }[] } => ({
  order_id: `o${n}`,
  products: ['Lamp', 'Chair', 'Table', 'Vase'].map((name, i) => ({ name: `${name} ${n}`, quantity: i + 1 })),
});
