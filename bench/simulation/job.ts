export interface SimulationJob {
  /** The recording, NDJSON, gzipped. */
  readonly path: string;
  /** Of examples/shop. */
  readonly workspace: string;
  /** Times that the recording is read before what is measured. */
  readonly warmUps: number;
}

/** What was found in one reading of the recording. */
export interface Found {
  readonly lines: number;
  /** SHA-256 of the decisions as `--format ndjson` prints them; '' where nothing decides. */
  readonly decisions: string;
}
