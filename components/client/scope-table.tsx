"use client";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import type { ScopeFacts } from "#lib/client/show.ts";
import { RoleName } from "./vault-aside.tsx";

const COLUMNS: readonly Column<ScopeFacts>[] = [
  {
    id: "role", header: "Role", width: "40%", value: ({ role }) => role?.position ?? null,
    cell: ({ role, named }) => (
      <span className="flex min-w-0 flex-wrap items-center gap-2 py-1">
        {role ? <RoleName letter={role.letter} name={role.name} /> : <span className="text-text-2">no role of ours</span>}
        {named !== null && named !== role?.name ? <span className="text-12 text-text-3">they call it <bdi>{named}</bdi></span> : null}
      </span>
    ),
  },
  { id: "scope", header: "Scope", value: ({ scope }) => scope, cell: ({ scope }) => <span className="mono text-text-2">{scope}</span> },
  { id: "people", header: "People", align: "end", value: ({ people }) => people, cell: ({ people }) => (people === 0 ? <span className="text-text-3">0</span> : people) },
  { id: "entries", header: "Entries", align: "end", value: ({ entries }) => entries, cell: ({ entries }) => (entries === null ? <span className="text-text-3">no entry carries it</span> : entries) },
];

/** The numbers that mean something in one vault. */
export function ScopeTable({ scopes, label }: { scopes: readonly ScopeFacts[]; label: string }) {
  return <Table label={label} columns={COLUMNS} rows={scopes} rowId={({ scope }) => scope} loading={false} error={null} empty={<Empty title="No number is in use">The client has named none, and no entry carries one.</Empty>} />;
}
