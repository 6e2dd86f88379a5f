/** Signs and colours of a terminal; `plain` has none. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  faint(text: string): string;
}

const same = (text: string): string => text;
export const PLAIN: Paint = { good: same, bad: same, faint: same };
