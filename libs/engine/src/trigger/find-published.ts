import type { Rulesets } from '#core';

/** null: nobody published it, and whoever wrote the record is not Kairos. Throws what `rulesetsAt` throws besides. */
export async function findPublished(
  rulesetsAt: (number: number) => Promise<Rulesets>,
  number: number,
): Promise<Rulesets | null> {
  try {
    return await rulesetsAt(number);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
