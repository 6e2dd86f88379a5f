export function readRecording(file: string): readonly unknown[];
export function readCustomers(file: string): readonly unknown[];
