import { Glyph } from "#components/ui/glyph.tsx";
import { RelativeTime } from "#components/ui/time.tsx";

type Part = { name: "database" | "migrations" | "worker"; ready: boolean; says: string };

const WHAT: Record<Part["name"], { title: string; does: string }> = {
  database: { title: "Database", does: "keeps everything that this console knows" },
  migrations: { title: "Migrations", does: "bring the database to the shape that this release needs" },
  worker: { title: "Background worker", does: "sends mail and runs the clocks" },
};

const words = (down: number) => (down === 0 ? "All parts are in order" : down === 1 ? "One part is not in order" : `${down} parts are not in order`);

/** What this installation runs on, each part with its own word about itself. */
export function Parts({ ready, parts, release, askedAt }: { ready: boolean; parts: readonly Part[]; release: string; askedAt: number }) {
  const down = parts.filter((part) => !part.ready).length;
  return (
    <section aria-labelledby="parts-title" className="max-w-[760px] px-gutter pt-5 pb-8">
      <h2 id="parts-title" className="text-16 font-semibold">{words(down)}</h2>
      <p className="mt-0.5 text-text-2">
        Release <span className="mono">{release}</span>, asked <RelativeTime at={askedAt} />.{ready ? "" : " Load the page again after mending it."}
      </p>
      <ul className="mt-4 border-t border-line">
        {parts.map(({ name, ready: fine, says }) => (
          <li key={name} className="grid grid-cols-[14px_minmax(0,1fr)_minmax(0,1fr)] gap-x-3 gap-y-0.5 border-b border-line py-2.5 max-thumb:grid-cols-[14px_minmax(0,1fr)]">
            <Glyph state={fine ? "none" : "refused"} className="mt-[3px]" />
            <div className="min-w-0">
              <b className="font-semibold">{WHAT[name].title}</b>
              <p className="text-12 text-text-3">{WHAT[name].does}</p>
            </div>
            <p className={fine ? "text-text-2 max-thumb:col-start-2" : "font-medium text-danger-text max-thumb:col-start-2"}>{says}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
