// One line per step with its time. A failure says which step, why, and what to do.

export class StepFailure extends Error {
  /**
   * @param {string} why what happened, in a sentence
   * @param {string} remedy what the reader can do about it
   * @param {string} [evidence] the last lines of what a program printed
   */
  constructor(why, remedy, evidence) {
    super(why);
    this.name = "StepFailure";
    this.remedy = remedy;
    this.evidence = evidence;
  }
}

const live = process.stdout.isTTY && !process.env.CI;

export const seconds = (ms) => `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;

const line = (mark, name, right) => `  ${mark} ${name.padEnd(26)} ${right}`;

/** Runs one named step; prints its line when it ends. `note` in the returned value is shown beside the time. */
export async function step(name, work) {
  const began = performance.now();
  if (live) process.stdout.write(line("·", name, "…"));
  const wipe = () => (live ? process.stdout.write("\r\x1b[2K") : undefined);
  try {
    const value = await work();
    const said = typeof value === "string" ? value : value?.note;
    const note = said ? `  ${said}` : "";
    wipe();
    console.log(line("✓", name, seconds(performance.now() - began).padStart(7) + note));
    return value;
  } catch (error) {
    wipe();
    console.log(line("✗", name, seconds(performance.now() - began).padStart(7)));
    error.step = name;
    throw error;
  }
}

/** Prints a failed step for a person, to standard error. */
export function explain(error) {
  const where = error.step ? `The step "${error.step}" failed.` : "It failed.";
  const lines = ["", where];
  if (error instanceof StepFailure) {
    lines.push(`  Why      ${error.message}`, `  Do this  ${error.remedy}`);
    if (error.evidence) lines.push("", ...error.evidence.trimEnd().split("\n").slice(-20).map((l) => `    ${l}`));
  } else if (error.code === "ENOSPC") {
    lines.push("  Why      The disk is full.", "  Do this  Free some space, then start again. Nothing is lost.");
  } else if (error.code === "EACCES" || error.code === "EPERM") {
    lines.push(`  Why      This user may not write ${error.path ?? "there"}.`, "  Do this  Start as the user whom the checkout belongs to, or set CLAVITOR_DATA to a folder of your own.");
  } else {
    lines.push(`  Why      ${error.stack ?? error}`, "  Do this  This was not foreseen; the lines above say where. Start again after looking.");
  }
  console.error(lines.join("\n") + "\n");
}
