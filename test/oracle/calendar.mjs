// Moments and days of the calendar in the customer's zone.
export function momentAt(moment) {
  throw new Error(`moment out of scope: ${JSON.stringify(moment)}`);
}
