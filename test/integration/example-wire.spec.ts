import { readFileSync } from 'node:fs';
import { HttpProvider } from '#channels';
import { HttpSink } from '#testkit';
import { describeProviderContract, outgoing } from './channels-contract.js';
import { ntfyWire } from './example-wire.js';

describeProviderContract('the example of CONTRIBUTING.md', async () => {
  const sink = await HttpSink.start(() => ({ body: '{"id":"hwQ2YpKdmg","event":"message"}' }));
  const took = ({ answer: { status = 200, hangUp = false } }: { answer: { status?: number; hangUp?: boolean } }) =>
    hangUp || status < 300;
  return {
    provider: new HttpProvider(ntfyWire('tk'), { url: sink.url, clock: { now: () => 0 }, concurrency: 4 }),
    outgoing: () => {
      const message = outgoing({ channel: 'push', address: 'ann-topic' });
      return { ...message, rendered: { ...message.rendered, text: message.id } };
    },
    accepted: () =>
      Promise.resolve(sink.requests.all.filter(took).map((request) => (request.json() as { message: string }).message)),
    falter: () => sink.answerWith({ status: 429, body: 'ann-topic: too many requests' }),
    recover: () => sink.heal(),
    loseAnswers: () => sink.answerWith({ hangUp: true }),
    stop: () => sink.stop(),
  };
});

it('the example of CONTRIBUTING.md is the one that runs here', () => {
  const file = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
  expect(file('../../CONTRIBUTING.md')).toContain(`\`\`\`ts\n${file('example-wire.ts')}\`\`\`\n`);
});
