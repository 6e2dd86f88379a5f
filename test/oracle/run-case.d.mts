/** The lines that a simulation of the case in a folder must print. */
export function runCase(folder: string): string[];
