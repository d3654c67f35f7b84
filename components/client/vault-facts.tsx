import type { ReactNode } from "react";
import { Box } from "#components/ui/box.tsx";
import { CopyableId } from "#components/ui/copyable-id.tsx";
import { Glyph } from "#components/ui/glyph.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { calendarDate } from "#components/ui/time-text.ts";
import { RelativeTime } from "#components/ui/time.tsx";
import { conditionOf } from "#lib/client/condition.ts";
import type { VaultFacts } from "#lib/client/show.ts";

type Line = { key: string; label: string; value: ReactNode };
const line = (key: string, label: string, value: ReactNode): Line => ({ key, label, value });
const unknown = <span className="text-text-3">not known yet</span>;

function backupWords({ reading }: VaultFacts): ReactNode {
  if (!reading || reading.replicatedRevision === null) return <span className="text-text-3">none known</span>;
  if (reading.revision === null) return `at revision ${reading.replicatedRevision}`;
  const lag = reading.revision - reading.replicatedRevision;
  return lag <= 0 ? "up to date" : `${lag} ${lag === 1 ? "change" : "changes"} behind`;
}

/** Everything that one vault said of itself, and how we came to know it. */
export function VaultFactsPart({ vault }: { vault: VaultFacts }) {
  const condition = conditionOf(vault);
  const { reading, devices } = vault;
  const date = (at: number | null) => (at === null ? unknown : calendarDate(at));
  return (
    <Box
      title={<span className="flex flex-wrap items-baseline gap-x-2">{vault.vaultName ? <bdi>{vault.vaultName}</bdi> : "Vault"}{vault.vaultId ? <CopyableId id={vault.vaultId} what="vault" /> : null}</span>}
      aside={<span className="inline-flex items-center gap-1.5"><Glyph state={condition.shape} />{condition.word}</span>}
    >
      <div className="grid grid-cols-2 items-start gap-x-8 max-thumb:grid-cols-1">
        <KeyValues
          of={[
            line("address", "Address", <span className="mono [overflow-wrap:anywhere]">{vault.address}</span>),
            line("key", "Its key", vault.publicKey ? <CopyableId id={vault.publicKey} what="vault’s key" /> : unknown),
            line("connected", "Connected", date(vault.connectedAt)),
            line("confirmed", "Confirmed", vault.confirmedAt === null ? <span className="text-text-3">not yet</span> : <>{calendarDate(vault.confirmedAt)}{vault.confirmedBy ? <>, by <bdi>{vault.confirmedBy}</bdi></> : null}</>),
            ...(vault.endedAt === null ? [] : [line("ended", "Ended", `${calendarDate(vault.endedAt)}, by ${vault.endedBy === "msp" ? "us" : "the client"}`)]),
            line("row", "Our row", vault.agentId === null ? unknown : <span className="mono">{vault.agentId.toString(16).padStart(4, "0")}</span>),
          ]}
        />
        <KeyValues
          of={[
            line("read", "Last read", reading?.readAt ? <RelativeTime at={reading.readAt} /> : <span className="text-text-3">never</span>),
            line("revision", "Revision", reading?.revision === null || !reading ? unknown : `${reading.revision.toLocaleString("en")}, epoch ${reading.epoch}`),
            line("mode", "Answers", reading?.mode === "backup" ? "the backup" : reading?.mode === "primary" ? "the primary" : unknown),
            line("backup", "Backup", backupWords(vault)),
            line("devices", "Devices", devices ? (devices.limit === null ? `${devices.used}, no limit` : `${devices.used} of ${devices.limit}`) : unknown),
            line("lease", "Our row ends", reading?.managerExpiresAt ? calendarDate(reading.managerExpiresAt) : <span className="text-text-3">no end</span>),
            line("paid", "Paid until", reading?.paidUntil ? calendarDate(reading.paidUntil) : <span className="text-text-3">the vault names no date</span>),
          ]}
        />
      </div>
    </Box>
  );
}
