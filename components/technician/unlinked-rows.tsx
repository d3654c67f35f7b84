"use client";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Select } from "#components/ui/select.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { toast } from "#components/ui/toast.tsx";
import { useDeed, type Deed } from "#components/role/use-deed.ts";
import type { AccessLine } from "#lib/technician/access.ts";
import { candidates } from "#lib/technician/match.ts";

type Person = { readonly id: string; readonly name: string };
/** Rows of one name: most likely one person's. */
type Group = { readonly name: string; readonly rows: readonly AccessLine[]; readonly likely: readonly Person[] };

/** Rows of ours whose owner the import could not tell, by name. `link` null: only looks. */
export function UnlinkedRows({ rows, people, link }: { rows: readonly AccessLine[]; people: readonly Person[]; link: Deed<{ count: number; moved: number }> | null }) {
  if (rows.length === 0) return null;
  const groups = [...Map.groupBy(rows, ({ name }) => name)].map(([name, same]): Group => ({ name, rows: same, likely: candidates(name, people) }));
  const columns: Column<Group>[] = [
    { id: "name", header: "Row", width: "30%", cell: (row) => <bdi className="block truncate font-medium" title={row.name}>{row.name}</bdi>, value: (row) => row.name },
    { id: "where", header: "Where", cell: (row) => <span className="block py-1.5 text-text-2"><Where rows={row.rows} /></span>, value: (row) => row.rows.length, hideBelow: "thumb" },
    { id: "link", header: "Whose it is", width: "420px", cell: (row) => (link ? <Link group={row} people={people} link={link} /> : row.likely.length > 0 ? <span className="text-text-2">perhaps <bdi>{row.likely[0]?.name}</bdi></span> : <span className="text-text-3">unknown</span>) },
  ];
  return (
    <section aria-labelledby="unlinked-title" className="border-t border-line">
      <h2 id="unlinked-title" className="px-gutter pt-5">{rows.length === 1 ? "1 row belongs" : `${rows.length} rows belong`} to nobody we know</h2>
      <p className="max-w-[80ch] px-gutter pt-0.5 pb-2 text-pretty text-text-2">The vaults hold them for us, under names that no member has, or more than one. Say whose each is, so that it ends when its person leaves. Nothing in a vault changes by that.</p>
      <Table label="Rows that belong to nobody we know" columns={columns} rows={groups} rowId={(row) => row.name} loading={false} error={null} empty={<Empty title="None">Every row has its person.</Empty>} />
    </section>
  );
}

function Where({ rows }: { rows: readonly AccessLine[] }) {
  const clients = [...new Set(rows.map(({ clientName, place }) => (place === null ? clientName : `${clientName} ${place}`)))];
  return <><bdi>{clients.slice(0, 2).join(", ")}</bdi>{clients.length > 2 ? ` and ${clients.length - 2} more` : ""}</>;
}

function Link({ group, people, link }: { group: Group; people: readonly Person[]; link: Deed<{ count: number; moved: number }> }) {
  // One likely person is proposed; of several none, so that nobody is chosen by chance.
  const [personId, setPersonId] = useState(group.likely.length === 1 ? group.likely[0]!.id : "");
  const { busy, run } = useDeed(link);
  const likely = new Set(group.likely.map(({ id }) => id));
  const choices = [...group.likely, ...people.filter(({ id }) => !likely.has(id))].map(({ id, name }) => ({ value: id, label: name }));
  const rows = JSON.stringify(group.rows.map(({ vaultRef, uid }) => ({ vaultRef, uid })));
  return (
    <span className="flex items-center gap-2 py-1">
      <Select aria-label={`Whose the row ${group.name} is`} value={personId} onChange={setPersonId} placeholder="Choose a person" choices={choices} className="min-w-0 flex-1" />
      <Button
        pending={busy ? "Noting" : null} disabledReason={personId === "" ? "Choose whose it is first." : null}
        onClick={() => run({ rows, personId, before: "" }, ({ count }) => toast({ state: "proven", words: count === 1 ? "1 row has its person" : `${count} rows have their person` }))}
      >
        {group.rows.length === 1 ? "It is theirs" : `All ${group.rows.length} are theirs`}<span className="sr-only">: {group.name}</span>
      </Button>
    </span>
  );
}
