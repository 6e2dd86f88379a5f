/** Something about this machine or clone that the user can mend; the message is one sentence or two, with the cure. */
export class SetupError extends Error {
  name = 'SetupError';
}
