import { Grouped } from '../delivery/grouped.js';
import type { Feedback, FeedbackBook, FeedbackFate } from '../ports/feedback-book.js';
import type { LatestWorkspace } from '../rulesets/latest-workspace.js';
import { feedbackEvent } from './feedback-event.js';

const AT_ONCE = 500;

/**
 * Feedback of one process on its way to the book: what comes at the same time shares a commit, and rules hear of it as
 * the ruleset says that was published last.
 */
export class FeedbackRecorder {
  private readonly groups: Grouped<Feedback, FeedbackFate>;

  constructor(book: FeedbackBook, latest: LatestWorkspace) {
    this.groups = new Grouped(async (items) => {
      const ruleset = (await latest.get())?.ruleset ?? null;
      const fates = await book.record(items, (told) => (ruleset === null ? null : feedbackEvent(ruleset, told)));
      const fateOf = new Map(items.map((item, index) => [item, fates[index]!]));
      return (item) => fateOf.get(item)!;
    }, AT_ONCE);
  }

  /** Throws `StoreError` when it could not be recorded. */
  record(feedback: Feedback): Promise<FeedbackFate> {
    return this.groups.ask(feedback);
  }
}
