import { code, page, table } from './markdown.mjs';

const intro = `Why a message was not sent, or not yet: one closed list, the same words in \`kairos messages\`, in simulations, in rule tests
(\`suppressed: REASON\`) and in the metric \`kairos_messages_total\`. The checks run in the order of this table; the first that refuses gives
the reason. A message that is held is judged again from the top when it is released.`;

const outro = `\`frequency_cap\`, \`outranked\` and \`quiet_hours\` may also only postpone a message: it is then *held* (simulation: \`deferred\`) with that
reason and an instant.`;

// Given by the attempt, not by the decision.
const attempt = ['template_error', 'provider_rejected', 'unknown_outcome'];
const attemptOutcome = { template_error: 'failed', provider_rejected: 'failed', unknown_outcome: 'unknown' };

/** @param describe core's `describeDecision`: the page shows the sentences of the product, not a copy of them */
export function reasonsPage(reasons, describe) {
  const rows = reasons.map((reason) => {
    const { verdict, checks } = describe(decisionRefusedFor(reason), 'en');
    const check = attempt.includes(reason) ? 'the attempt' : checks.find(({ outcome }) => outcome === 'refused')?.check;
    return [code(reason), sentence(verdict), check, attemptOutcome[reason] ?? 'suppressed'];
  });
  return page(
    'Reasons',
    'libs/core/src/delivery',
    intro,
    table(['reason', 'meaning', 'check', 'outcome'], rows),
    outro,
  );
}

/** "X is not sent: what …." → "What …." */
function sentence(verdict) {
  const because = verdict.slice(verdict.indexOf(': ') + 2);
  return because.charAt(0).toUpperCase() + because.slice(1);
}

function decisionRefusedFor(reason) {
  return {
    at: 0,
    template: 'it',
    priority: 50,
    verdict: { kind: 'suppress', reason, channel: null },
    inputs: {
      wanted: {
        due: 0,
        expiresAt: null,
        tooLateAfter: null,
        heldOut: false,
        controlGroup: false,
        pausedUntil: null,
        whoHolds: null,
      },
      sameContent: null,
      timeZone: 'UTC',
      candidates: [],
      channelOrder: null,
      caps: [],
      onCapped: null,
      outrankedBy: null,
      quiet: null,
    },
  };
}
