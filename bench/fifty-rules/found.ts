/** What both the core and the program that checks it count in the measured part of a recording. */
export interface Found {
  started: { cart: number; 'win-back': number; care: number };
  restarted: number;
  goals: number;
  planned: number;
  cancelled: number;
}

export function nothingFound(): Found {
  return { started: { cart: 0, 'win-back': 0, care: 0 }, restarted: 0, goals: 0, planned: 0, cancelled: 0 };
}
