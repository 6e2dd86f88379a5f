import { sha256OfText } from '../event/sha-256.js';

/**
 * A number from 0 to 1 that is always the same for one purpose, rule and customer: the first 52 bits of SHA-256 of
 * `salt \0 purpose \0 rule \0 customer`, divided by 2^52 (rule-language.md, Exact meaning 14).
 */
export function drawChance(salt: string, purpose: string, rule: string, customer: string): number {
  const hash = sha256OfText(`${salt}\0${purpose}\0${rule}\0${customer}`);
  let high = 0;
  for (let i = 0; i < 6; i++) high = high * 256 + hash[i]!;
  return (high * 16 + (hash[6]! >>> 4)) / 2 ** 52;
}
