import {
  answeredAtGate,
  enterGate,
  failedAtGate,
  gateView,
  NEW_GATE,
  pausedGate,
  type GateState,
} from './gate-state.js';

const NOW = 1_000_000;
const wish = { provider: 'sms', turns: 1, ratePerSecond: 10, patienceMs: 5_000 };
const failing = (times: number, state: GateState = NEW_GATE) =>
  Array.from({ length: times }).reduce<GateState>((so) => failedAtGate(so, false, NOW), state);

describe('the rate of a provider', () => {
  it('spaces turns evenly, over calls too', () => {
    const [state, first] = enterGate(NEW_GATE, { ...wish, turns: 3 }, NOW);
    expect(first).toEqual({ waitsMs: [0, 100, 200], nextMs: 300, circuit: 'closed', failures: 0 });
    expect(enterGate(state, { ...wish, turns: 2 }, NOW + 150)[1].waitsMs).toEqual([150, 250]);
  });

  it('saves nothing up while nobody comes', () => {
    const [state] = enterGate(NEW_GATE, wish, NOW);
    expect(enterGate(state, { ...wish, turns: 3 }, NOW + 60_000)[1].waitsMs).toEqual([0, 100, 200]);
  });

  it('gives no turn that is too far away, and takes none then', () => {
    const [state, answer] = enterGate(NEW_GATE, { ...wish, turns: 100, ratePerSecond: 1 }, NOW);
    expect(answer).toMatchObject({ waitsMs: [0, 1_000, 2_000, 3_000, 4_000, 5_000], nextMs: 6_000 });
    const [same, none] = enterGate(state, { ...wish, patienceMs: 1_000 }, NOW);
    expect([same, none.waitsMs, none.nextMs]).toEqual([state, [], 6_000]);
  });

  it('gives everybody a turn at once where there is none', () => {
    expect(enterGate(NEW_GATE, { ...wish, turns: 3, ratePerSecond: null }, NOW)[1].waitsMs).toEqual([0, 0, 0]);
  });

  it('waits as long as the provider asked', () => {
    const state = pausedGate(pausedGate(NEW_GATE, 30_000, NOW), 1_000, NOW);
    expect(enterGate(state, wish, NOW)[1]).toMatchObject({ waitsMs: [], nextMs: 30_000 });
    expect(enterGate(state, wish, NOW + 30_000)[1].waitsMs).toEqual([0]);
    expect(gateView('sms', state, NOW + 10_000)).toMatchObject({ pausedForMs: 20_000, openForMs: null });
  });
});

describe('the circuit of a provider', () => {
  it('opens after five attempts in a row that nobody answered', () => {
    expect(enterGate(failing(4), wish, NOW)[1]).toMatchObject({ circuit: 'closed', failures: 4, waitsMs: [0] });
    expect(enterGate(failing(5), wish, NOW)[1]).toMatchObject({ circuit: 'open', nextMs: 10_000, waitsMs: [] });
    expect(failing(4, answeredAtGate(failing(4)))).toMatchObject({ openUntil: null });
  });

  it('lets one attempt through when its time is over, and no second one beside it', () => {
    const [probing, probe] = enterGate(failing(5), { ...wish, turns: 10 }, NOW + 10_000);
    expect(probe).toMatchObject({ circuit: 'probe', waitsMs: [0] });
    expect(enterGate(probing, wish, NOW + 10_000)[1]).toMatchObject({ circuit: 'open', waitsMs: [] });
  });

  it('closes when the probe is answered, and stays open twice as long when it is not, five minutes at most', () => {
    const [probing] = enterGate(failing(5), wish, NOW + 10_000);
    expect(enterGate(answeredAtGate(probing), wish, NOW + 10_001)[1]).toMatchObject({ circuit: 'closed', failures: 0 });
    expect(failedAtGate(probing, true, NOW).openUntil).toBe(NOW + 20_000);
    const late = Array.from({ length: 20 }).reduce<GateState>((so) => failedAtGate(so, true, NOW), probing);
    expect(late.openUntil).toBe(NOW + 300_000);
  });

  it('is not kept open by attempts that had begun before it opened', () => {
    expect(failing(16)).toEqual(failing(5));
  });
});
