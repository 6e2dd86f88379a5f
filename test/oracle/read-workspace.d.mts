export function readWorkspace(folder: string): unknown;
