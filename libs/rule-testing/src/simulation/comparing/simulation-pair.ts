import type { DeliveryDecision, Workspace } from '#core';
import type { RecordingTaker } from '../recording-taker.js';
import { Simulation, type LineProblem, type SimulationOptions } from '../simulate.js';
import type { Comparison, Side } from './comparison.js';
import { SimulationComparer } from './simulation-comparer.js';

export interface PairOptions extends Pick<SimulationOptions, 'assumeConsent' | 'from' | 'to' | 'sample'> {
  readonly workspaces: { readonly [side in Side]: Workspace };
  readonly onDecision: (side: Side, decision: DeliveryDecision) => void;
}

/**
 * Two workspaces over the same recording, read once: each line goes to both before the next. Both sides start empty at
 * the first event.
 */
export class SimulationPair implements RecordingTaker {
  readonly workspace: Simulation;
  private readonly other: Simulation;
  private readonly comparer: SimulationComparer;
  /** Whom the line that was glanced at last concerns. */
  private wanted = { workspace: true, other: true };

  constructor({ workspaces, onDecision, ...options }: PairOptions) {
    const comparer = new SimulationComparer(workspaces);
    const simulate = (side: Side): Simulation =>
      new Simulation({
        ...options,
        workspace: workspaces[side],
        onEvent: (event) => comparer.heard(side, event),
        onOwnEvent: (event) => comparer.heard(side, event),
        onTrace: (customer, trace) => comparer.traced(side, customer, trace),
        onDecision: (decision) => {
          comparer.decided(side, decision);
          onDecision(side, decision);
        },
      });
    this.comparer = comparer;
    this.workspace = simulate('workspace');
    this.other = simulate('other');
  }

  get disordered(): number {
    return this.workspace.disordered;
  }

  get events(): number {
    return this.workspace.events;
  }

  get hasEnded(): boolean {
    return this.workspace.hasEnded;
  }

  customer(json: unknown, fallbackId: string): LineProblem | null {
    const problem = this.workspace.customer(json, fallbackId);
    return this.other.customer(json, fallbackId) ?? problem;
  }

  passBy(bytes: Uint8Array, start: number, end: number): boolean {
    const workspace = !this.workspace.passBy(bytes, start, end);
    const other = !this.other.passBy(bytes, start, end);
    this.wanted = { workspace, other };
    if (workspace || other) return false;
    this.comparer.settle();
    return true;
  }

  line(json: unknown, fallbackId: string, historical = false): LineProblem | null {
    const { workspace, other } = this.wanted;
    this.wanted = { workspace: true, other: true };
    // What one side refuses for its tracking plan the other may take: shown is what the workspace says.
    const problem = workspace ? this.workspace.line(json, fallbackId, historical) : null;
    if (other) this.other.line(json, fallbackId, historical);
    this.comparer.settle();
    return problem;
  }

  finish(): void {
    this.workspace.finish();
    this.other.finish();
  }

  comparison(): Comparison {
    return this.comparer.finish();
  }
}
