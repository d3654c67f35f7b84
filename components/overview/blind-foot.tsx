import Link from "next/link";
import { RelativeTime } from "#components/ui/time.tsx";
import type { Blind } from "#lib/overview/load.ts";

/** The closed eye at the foot of the navigation: in how many vaults our token was last seen to read nothing (PROTOCOL 11). */
export function BlindFoot({ blind }: { blind: Blind }) {
  if (blind.vaults === 0) return null;
  const { vaults, blind: seen, notBlind, unproven, untried, triedAt } = blind;
  const rest = [notBlind > 0 && `${notBlind} not blind`, unproven > 0 && `${unproven} unproven`, untried > 0 && `${untried} not tried yet`].filter(Boolean).join(", ");
  return (
    <Link href={notBlind > 0 ? "/clients?state=not-blind" : "/clients"} className="flex items-start gap-2 text-12" data-hint="Every hour our own token asks each vault to list, search and open entries. Blind means: it got nothing.">
      <ClosedEye className={notBlind > 0 ? "mt-0.5 size-4 shrink-0 text-danger-text" : "mt-0.5 size-4 shrink-0"} />
      <span className="min-w-0">
        <b className={notBlind > 0 ? "font-medium text-danger-text" : "font-medium text-text"}>{`Blind in ${seen} of ${vaults} ${vaults === 1 ? "vault" : "vaults"}`}</b>
        <span className="block text-text-3">
          {rest ? `${rest}; ` : ""}
          {triedAt === null ? "not tried yet" : <>tried <RelativeTime at={triedAt.getTime()} /></>}
        </span>
      </span>
    </Link>
  );
}

export function ClosedEye({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden className={className} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
      <path d="M2 6.5c1.6 2.3 3.6 3.4 6 3.4s4.4-1.1 6-3.4M4 9l-1.2 1.7M8 10v2.2M12 9l1.2 1.7" />
    </svg>
  );
}
