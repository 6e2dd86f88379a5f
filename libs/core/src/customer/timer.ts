/** A moment on the stream's clock at which something goes on. All ms; `fireAt` Infinity: not armed. */
export interface Timer {
  /** Event time. */
  due: number;
  /** Fires before the first record whose log time is later. */
  fireAt: number;
  /** Where on the stream's clock its steps act: `due`, or the log time where that was later. */
  actsAt: number;
}
