export function tryBug(name: string, seeds: number): { readonly found: boolean; readonly said: string };
