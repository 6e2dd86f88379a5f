import { pipelineBench } from './pipeline/pipeline-bench.js';
await pipelineBench({ partitions: 8, customers: 100_000, events: 200_000, warmUp: 30_000, nestEvents: 30_000 }, 1);
