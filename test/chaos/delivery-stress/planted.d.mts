export const PLANTED: readonly string[];
