import {
  answeredAtGate,
  enterGate,
  failedAtGate,
  gateView,
  NEW_GATE,
  pausedGate,
  type GateState,
  type ProviderGate,
} from '#engine';

/** The gate of one process, without a database: the same decisions on a clock of its own. */
export function inMemoryGate(clock: { now(): number } = performance): ProviderGate {
  const states = new Map<string, GateState>();
  const stateOf = (provider: string): GateState => states.get(provider) ?? NEW_GATE;
  return {
    enter: (request) => {
      const [state, answer] = enterGate(stateOf(request.provider), request, clock.now());
      states.set(request.provider, state);
      return Promise.resolve(answer);
    },
    failed: async (provider, wasProbe) =>
      void states.set(provider, failedAtGate(stateOf(provider), wasProbe, clock.now())),
    answered: async (provider) => void states.set(provider, answeredAtGate(stateOf(provider))),
    pause: async (provider, ms) => void states.set(provider, pausedGate(stateOf(provider), ms, clock.now())),
    view: () => Promise.resolve([...states].map(([provider, state]) => gateView(provider, state, clock.now()))),
  };
}
