import { pipelineBench } from './pipeline/pipeline-bench.js';
await pipelineBench({ partitions: 8, customers: 100_000, events: 600_000, warmUp: 100_000, nestEvents: 60_000 }, 1);
