/**
 * How a process of ours ends: on SIGTERM, and when the launcher that holds its channel is gone in any way (kill -9 included),
 * so that nothing outlives its start. Ctrl-C in a terminal reaches every process at once; on the leash it is left to the
 * launcher, which stops the parts in order.
 */
export function onLeash(end: (why: string) => Promise<void>): void {
  let ending = false;
  const finish = async (why: string) => {
    if (ending) return;
    ending = true;
    try {
      await end(why);
      process.exit(0);
    } catch {
      process.exit(1);
    }
  };
  const led = process.env.CLAVITOR_LEASH === "1" && process.channel !== undefined;
  process.on("SIGTERM", () => void finish("SIGTERM"));
  process.on("SIGINT", () => (led ? undefined : void finish("SIGINT")));
  if (led) process.on("disconnect", () => void finish("the launcher is gone"));
}
