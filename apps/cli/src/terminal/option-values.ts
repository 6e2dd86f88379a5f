import { InvalidArgumentError } from 'commander';
import { parseInstant } from '#core';

/** A day or an instant of an option: `2026-03-02` (its beginning in UTC), `2026-03-02T09:00:00Z`. ms. */
export function instantOption(text: string): number {
  const instant = parseInstant(text);
  if (instant === null)
    throw new InvalidArgumentError('Write a day or an instant, such as 2026-03-02 or 2026-03-02T09:00:00Z.');
  return instant;
}

export function countOption(most: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d+$/.test(text) && count >= 1 && count <= most) return count;
    throw new InvalidArgumentError(`Write a whole number from 1 to ${most}.`);
  };
}

export function regexOption(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch {
    throw new InvalidArgumentError(
      'It is not a regular expression; a name as it stands always is, if it has no signs such as ( [ * + ?',
    );
  }
}

/** For options that may stand there several times. */
export function collectOption(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** `5%`, `5`, `0.5%` as a share: 0.05, 0.005. */
export function percentOption(text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)\s?%?$/.exec(text)?.[1]);
  if (percent > 0 && percent <= 100) return percent / 100;
  throw new InvalidArgumentError('Write a percentage above 0% and up to 100%, such as 5%.');
}
