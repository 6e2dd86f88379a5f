/** All that random workspaces may have; `ORACLE_FEATURES` chooses. */
export const FEATURE_NAMES: readonly string[];
