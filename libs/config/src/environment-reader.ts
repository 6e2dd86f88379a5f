export interface Address {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

/**
 * Reads variables one by one and collects what is wrong with them instead of stopping at the first. An empty variable
 * counts as not set. Values never stand in a message: they may be secrets.
 */
export class EnvironmentReader {
  readonly problems: string[] = [];

  constructor(private readonly env: { readonly [name: string]: string | undefined }) {}

  problem(sentence: string): void {
    this.problems.push(sentence);
  }

  text(name: string): string | null {
    const value = this.env[name]?.trim();
    return value === undefined || value === '' ? null : value;
  }

  secret(name: string, atLeast: number): string | null {
    const value = this.text(name);
    if (value !== null && value.length < atLeast)
      this.problem(`${name} is too short to be a secret; it needs at least ${atLeast} characters`);
    return value;
  }

  integer(name: string, otherwise: number, least: number, most: number): number {
    const text = this.text(name);
    if (text === null) return otherwise;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    this.problem(`${name} must be a whole number from ${least} to ${most}`);
    return otherwise;
  }

  truth(name: string, otherwise: boolean): boolean {
    return this.oneOf(name, ['true', 'false'] as const, otherwise ? 'true' : 'false') === 'true';
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
    const text = this.text(name);
    if (text === null) return otherwise;
    const found = allowed.find((value) => value === text.toLowerCase());
    if (found !== undefined) return found;
    this.problem(`${name} must be one of ${allowed.join(', ')}`);
    return otherwise;
  }

  url(name: string, protocols: readonly string[], example: string): string | null {
    const text = this.text(name);
    if (text === null) return null;
    if (URL.canParse(text) && protocols.includes(new URL(text).protocol) && new URL(text).hostname !== '') return text;
    this.problem(`${name} is not an address Kairos can use; it looks like ${example}`);
    return null;
  }

  address(name: string, otherwise: string): Address {
    const text = this.text(name) ?? otherwise;
    const address = parseAddress(text);
    if (address !== null) return address;
    this.problem(`${name} must be HOST:PORT, for example ${otherwise}`);
    return parseAddress(otherwise)!;
  }

  addresses(name: string): readonly string[] | null {
    const text = this.text(name);
    if (text === null) return null;
    const parts = text.split(',').map((part) => part.trim());
    if (parts.every((part) => (parseAddress(part)?.port ?? 0) > 0)) return parts;
    this.problem(`${name} must be HOST:PORT, several separated by commas, for example broker-1:9092,broker-2:9092`);
    return null;
  }
}

function parseAddress(text: string): Address | null {
  const match = /^(\[[0-9a-f:]+\]|[^\s:/@]+):(\d{1,5})$/i.exec(text);
  if (match === null || Number(match[2]) > 65_535) return null;
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port: Number(match[2]) };
}
