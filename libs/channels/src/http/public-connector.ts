import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { isPublicAddress, lookupPublic, PrivateAddressError } from './public-addresses.js';

/** Connects to public addresses only, judged on the very address that is connected to. */
export function publicConnector(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: lookupPublic });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    // Nothing is looked up for an address that is written out.
    if (isIP(host) !== 0 && !isPublicAddress(host)) return callback(new PrivateAddressError(), null);
    connect(options, callback);
  };
}
