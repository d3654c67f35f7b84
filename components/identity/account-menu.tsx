"use client";
import { KeyRound, LogOut, MonitorSmartphone, UserRound } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Menu } from "#components/ui/menu.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Action } from "./step-up.ts";

const initials = (name: string) =>
  name.split(/\s+/).filter(Boolean).map((word) => Array.from(word)[0] ?? "").filter((_letter, index, all) => index === 0 || index === all.length - 1).join("").toUpperCase();

/** Who is signed in, their own keys and sessions, and the way out. */
export function AccountMenu({ name, rights, signOut }: { name: string; rights: string; signOut: Action<{ ended: number }> }) {
  const [leaving, setLeaving] = useState(false);
  const leave = async () => {
    if (leaving) return;
    setLeaving(true);
    const outcome = await signOut(null, new FormData()).catch(() => null);
    // Over already is as good as ended now.
    if (outcome?.ok || outcome?.failure.code.startsWith("session_") || outcome?.failure.code === "sign_in_needed") return location.assign("/sign-in");
    setLeaving(false);
    toast({ state: "refused", words: outcome ? `${outcome.failure.title}. ${outcome.failure.remedy}` : "No answer came. You may still be signed in; try again." });
  };
  return (
    <Menu
      trigger={
        <Button tone="quiet" pending={leaving ? "Signing out" : null}>
          <span aria-hidden className="inline-grid size-5 place-items-center rounded-full bg-active text-11 font-semibold text-text">{initials(name)}</span>
          <bdi className="ml-2 inline-block max-w-[16ch] truncate align-bottom max-rail:sr-only">{name}</bdi>
          <span className="sr-only">, {rights}: account</span>
        </Button>
      }
      link={(href) => <Link href={href} />}
      entries={[
        { kind: "link", label: "You", icon: <UserRound aria-hidden />, href: "/settings/you" },
        { kind: "link", label: "My keys", icon: <KeyRound aria-hidden />, href: "/settings/keys" },
        { kind: "link", label: "My sessions", icon: <MonitorSmartphone aria-hidden />, href: "/settings/sessions" },
        { kind: "line" },
        { kind: "deed", label: "Sign out", icon: <LogOut aria-hidden />, run: () => void leave() },
      ]}
    />
  );
}
