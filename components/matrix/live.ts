/**
 * One stream of events per browser: whichever tab holds the lock has it and tells the others, since a stream per tab would use up the
 * six connections that HTTP/1.1 allows. Closed while hidden; whoever comes back asks what it missed.
 */

/** `drafts`: whose draft changed, and to which revision. `audit`: lines came to the audit. */
export type Moved = { vaults: string[]; drafts: { ownerId: string; revision: number }[]; missed: boolean; audit: boolean };
const name = "clavitor-events";

/** Hears what moves until the function that it returns is called. `missed`: something may have happened unheard. */
export function listenLive(hear: (moved: Moved) => void): () => void {
  const channel = new BroadcastChannel(name);
  let over = new AbortController();
  let stopped = false;
  channel.addEventListener("message", ({ data }: MessageEvent<Moved>) => {
    if (!document.hidden) hear(data);
  });

  const lead = (signal: AbortSignal): Promise<void> =>
    new Promise((done) => {
      const stream = new EventSource("/api/events");
      let opened = false;
      const tell = (moved: Moved) => {
        channel.postMessage(moved);
        hear(moved);
      };
      stream.addEventListener("moved", ({ data }: MessageEvent<string>) => tell(JSON.parse(data) as Moved));
      stream.addEventListener("open", () => {
        // The first opening of this tab follows its facts; a later one may have missed some.
        if (opened) tell({ vaults: [], drafts: [], missed: true, audit: false });
        opened = true;
      });
      const end = () => {
        stream.close();
        done();
      };
      // 204 or a refusal: the browser does not try again by itself, and neither do we.
      stream.addEventListener("error", () => stream.readyState === EventSource.CLOSED && end());
      signal.addEventListener("abort", end, { once: true });
    });

  const join = () => {
    over = new AbortController();
    const { signal } = over;
    void navigator.locks.request(name, { signal }, () => lead(signal)).catch(() => undefined);
  };
  const onVisibility = () => {
    over.abort();
    if (document.hidden || stopped) return;
    hear({ vaults: [], drafts: [], missed: true, audit: false });
    join();
  };
  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) join();
  return () => {
    stopped = true;
    over.abort();
    channel.close();
    document.removeEventListener("visibilitychange", onVisibility);
  };
}
