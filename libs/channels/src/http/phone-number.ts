import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';

/** A number as E.164 (`+491701234567`); `country` (two capitals) is that of numbers which name none. null: no number. */
export function phoneNumber(written: string, country: string | null): string | null {
  const home = country !== null && isSupportedCountry(country) ? country : undefined;
  const found = parsePhoneNumberFromString(written, home);
  return found?.isPossible() ? found.number : null;
}
