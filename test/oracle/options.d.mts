/** ms; undefined: not said. */
export function readOptions(args: readonly string[]): {
  assumeConsent: boolean;
  from: number | undefined;
  to: number | undefined;
};
