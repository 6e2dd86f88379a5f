import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** An address inside somebody's network, or none at all: nothing that a webhook may reach. */
export class PrivateAddressError extends Error {
  readonly code = 'private_address';
  readonly retryable = false;

  constructor() {
    super('the address is not a public one; for a receiver in your own network write `allow private: true`');
    this.name = 'PrivateAddressError';
  }
}

// IANA's special-purpose registries: everything that is not globally reachable unicast.
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
// Of IPv6 only 2000::/3 is given out; in it, what stands for other addresses (6to4, Teredo) or for nothing.
const NOT_PUBLIC_V6 = ['::/3', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '4000::/2', '8000::/1'];

// One list each: in a list of both, an IPv4 address would meet the IPv6 networks, as ::ffff:…
const notPublic = { ipv4: blockList(NOT_PUBLIC_V4, 'ipv4'), ipv6: blockList(NOT_PUBLIC_V6, 'ipv6') };

function blockList(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** False for anything that is not an IP address. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  return family === 4 ? !notPublic.ipv4.check(address, 'ipv4') : !notPublic.ipv6.check(address, 'ipv6');
}

/**
 * `lookup` for a connection: a name that resolves to anything private is refused. What it returns is what is connected
 * to, so a name that changes between a check and the connection gains nothing.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '', 0);
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
      return callback(new PrivateAddressError(), '', 0);
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
