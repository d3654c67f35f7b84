/** The five steps of an onboarding (UX, Onboard a client), and which of them is next. Pure, and for the browser too. */
export const steps = ["client", "bounds", "connect", "compare", "found"] as const;
export type Step = (typeof steps)[number];

/** What is left to do for a vault in this state; `asked`: a request is open or was answered. */
export function foldStep(state: string | null, asked: boolean): Step {
  if (state === "unconfirmed") return "compare";
  if (state === "connected") return "found";
  return state === "asking" && asked ? "connect" : "bounds";
}
