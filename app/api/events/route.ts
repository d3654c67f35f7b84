import { tails } from "#lib/audit/tail.ts";
import { Refusal } from "#lib/errors.ts";
import { judgeSession } from "#lib/identity/judge-session.ts";
import { actorWith, visitorWith } from "#lib/identity/session.ts";
import { limits } from "#lib/limits.ts";
import { ears, type Called } from "#lib/matrix/listen.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

/** What arrives within this time goes out as one event: a sweep over 1,000 vaults is no thousand messages. */
const gatherMs = 120;

/**
 * The one stream of events of a browser (its tabs share it, components/matrix/live.ts). It says which vaults moved and whose drafts
 * changed, never what; what they hold is asked for through its own door. 204 ends it for good: the session is over.
 */
export const GET = (request: Request) =>
  answer(async () => {
    // Opening a stream is no activity, and a browser opens it again by itself.
    if ((await visitorWith(false)).kind === "ended") return new Response(null, { status: 204 });
    const actor = await actorWith("matrix.read");
    const { mspId, sessionId } = actor;
    if (ears().size >= limits.eventStreams) throw new Refusal("too_many");
    const encoder = new TextEncoder();
    let close = () => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const say = (text: string) => controller.enqueue(encoder.encode(text));
        let vaults = new Set<string>();
        let drafts = new Map<string, number>();
        let missed = false;
        let audit = false;
        let waiting: NodeJS.Timeout | null = null;
        const tell = () => {
          waiting = null;
          say(`event: moved\ndata: ${JSON.stringify({ vaults: [...vaults], drafts: [...drafts].map(([ownerId, revision]) => ({ ownerId, revision })), missed, audit })}\n\n`);
          [vaults, drafts, missed, audit] = [new Set(), new Map(), false, false];
        };
        const hear = (called: Called) => {
          if (called.kind === "known") vaults.add(called.vaultRef);
          else if (called.kind === "staged") drafts.set(called.ownerId, called.revision);
          else missed = true;
          waiting ??= setTimeout(tell, gatherMs);
        };
        const deaf = ears().listen(mspId, hear);
        const still = tails().follow(actor, () => {
          audit = true;
          waiting ??= setTimeout(tell, gatherMs);
        });
        const asking = setInterval(() => {
          // A database that cannot be asked ends nobody's stream; a session that is over does.
          void (sessionId ? judgeSession(mspId, sessionId, false) : Promise.resolve({ live: true })).then(
            ({ live }) => (live ? say(": still here\n\n") : close()),
            () => undefined,
          );
        }, limits.eventSessionMs);
        close = () => {
          close = () => {};
          deaf();
          still();
          clearInterval(asking);
          if (waiting) clearTimeout(waiting);
          try {
            controller.close();
          } catch {
            // the browser was faster
          }
        };
        request.signal.addEventListener("abort", () => close(), { once: true });
        say("retry: 3000\n\n");
      },
      cancel: () => close(),
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no" } });
  });
