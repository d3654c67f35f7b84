/** How a record of ours ended. Records are of what was done; some tell that something was refused or failed. Pure. */
import type { Outcome } from "../protocol/messages.ts";
import { recordActions } from "../record/action.ts";

const refused = /(^|[._])(refused|elsewhere|differed|counter_regressed|saw|stopped|incident)$/;
const failed = /(^|[._])(failed|attempt_failed|given_up|unproven|lost|late|unknown)$/;
export const outcomeOf = (action: string): Outcome => (refused.test(action) ? "denied" : failed.test(action) ? "failure" : "success");
export const actionsThat = (outcome: Outcome): string[] => recordActions.filter((action) => outcomeOf(action) === outcome);
