import { fiftyRulesBench } from './fifty-rules/fifty-rules-bench.js';
await fiftyRulesBench({ customers: 100000, events: 300000 }, 1);
