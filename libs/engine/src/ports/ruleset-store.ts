/** A workspace as it was published: the files themselves, so that every process compiles the same thing. */
export interface PublishedRuleset {
  readonly number: number;
  /** ms since 1970 UTC. */
  readonly publishedAt: number;
  readonly publishedBy: string;
  /** kairos.yaml, rules/*.yaml and templates, by path. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  /** Version of each rule: raised only when its text changed. */
  readonly versions: { readonly [rule: string]: number };
  /** Removed rules whose runs do not go on. */
  readonly stopped: readonly string[];
}

export interface PublishRequest {
  readonly files: PublishedRuleset['files'];
  readonly rules: readonly { readonly name: string; readonly path: string }[];
  readonly templates: readonly { readonly name: string; readonly paths: readonly string[] }[];
  readonly publishedBy: string;
  /** What becomes of the runs of rules that are not in `files` any more. */
  readonly removed: 'finish' | 'stop';
  /** Those already inside a rule are started too; absent: nobody is. */
  readonly startExisting?: {
    readonly rule: string;
    readonly perHour: number;
    /** How many there are, by partition. */
    readonly counted: readonly number[];
  };
}

export interface RulesetStore {
  /**
   * Stores a new ruleset, or returns the latest one when nothing changed. With it, in the same transaction, the records
   * that tell every partition of the stream from where on it holds (engine.md, Publishing), and behind them those that
   * ask to start who is already inside a rule, also where nothing changed.
   */
  publish(request: PublishRequest): Promise<{ readonly number: number; readonly unchanged: boolean }>;
  latest(): Promise<PublishedRuleset | null>;
  latestNumber(): Promise<number | null>;
  at(number: number): Promise<PublishedRuleset | null>;
  /** How many customers are still to be started, by rule, and those that are yet to be written down not counted. */
  startsWaiting(): Promise<ReadonlyMap<string, number>>;
  /** How many partitions of the stream run this ruleset, a later one or none yet, and how many there are. */
  activation(number: number): Promise<{ readonly active: number; readonly partitions: number }>;
  /** Every rule version ever published, newest first: runs may still keep any of them. */
  knownVersions(): Promise<readonly { readonly rule: string; readonly version: number }[]>;
  /** A ruleset in which this version of the rule stands: for runs that keep the version they started with. */
  containing(rule: string, version: number): Promise<PublishedRuleset | null>;
}
