// Chance: always the same for the same salt, purpose, rule and customer.
import { createHash } from 'node:crypto';

/** A number from 0 (included) to 1 (excluded): the first 52 bits of a hash. */
export function draw(workspace, purpose, ruleName, customerId) {
  const digest = createHash('sha256')
    .update(`${workspace.salt}\0${purpose}\0${ruleName}\0${customerId}`, 'utf8')
    .digest();
  return Number(digest.readBigUInt64BE(0) >> 12n) / 2 ** 52;
}

/** The branch whose stretch of 0 to 1 holds the number; the branches lie in the order of the file. */
export function branchAt(branches, number) {
  let end = 0;
  for (const branch of branches) {
    end += branch.share;
    if (number < end) return branch;
  }
  return branches[branches.length - 1];
}
