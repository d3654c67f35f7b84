import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";

export type PhoneRow = { readonly client: string; readonly name: string; readonly aliases: readonly string[]; readonly admin: string; readonly phone: string; readonly code_2: string };

const grouped = (code: string) => (code.match(/.{1,4}/g) ?? []).join(" ");

const columns: Column<PhoneRow>[] = [
  { id: "name", header: "Client", cell: (row) => <span className="block max-w-[34ch] truncate font-medium" title={row.name}><bdi>{row.name}</bdi>{row.aliases[0] === undefined ? null : <span className="ml-1.5 font-normal text-text-3"><bdi>{row.aliases[0]}</bdi></span>}</span>, value: (row) => row.name },
  { id: "admin", header: "Who answers", cell: (row) => <bdi>{row.admin}</bdi>, value: (row) => row.admin, hideBelow: "thumb" },
  { id: "phone", header: "Telephone", cell: (row) => <span className="whitespace-nowrap text-text-2">{row.phone}</span>, value: (row) => row.phone, hideBelow: "rail" },
  { id: "code", header: "Code 2, as they read it", cell: (row) => <span className="mono whitespace-nowrap">{grouped(row.code_2)}</span>, value: (row) => row.code_2 },
];

/** In place of as many telephone calls: what each admin of the demo reads from their own vault's page. */
export function PhoneList({ phones }: { phones: readonly PhoneRow[] }) {
  return (
    <section aria-labelledby="phones-title" className="border-t border-line pt-5">
      <div className="px-gutter pb-3">
        <h2 id="phones-title">What the admins read out</h2>
        <p className="mt-0.5 max-w-[64ch] text-pretty text-text-2">Each reads from their own vault’s page. The signing window shows its own codes: compare those with these.</p>
      </div>
      <Table label="Code 2 of each client, as its admin reads it" columns={columns} rows={phones} rowId={(row) => row.client} loading={false} error={null} empty={<Empty title="Nobody is connected yet">Each client stands here once its admin tapped.</Empty>} />
    </section>
  );
}
