import Link from "next/link";
import type { ReactNode } from "react";
import { Mark } from "./mark.tsx";

/** A page without the frame: one thing to read on one sheet. */
export function Alone({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-12 items-center px-[18px]">
        <Link href="/" className="flex items-center gap-2.5 rounded-in font-semibold">
          <Mark className="size-5" />
          Clavitor <span className="-ml-1 font-normal text-text-3">MSP</span>
        </Link>
      </header>
      <main className="grid flex-1 place-items-center px-4 pb-[12vh]">
        <div className="w-full max-w-[520px] rounded-box border border-line bg-surface py-2">{children}</div>
      </main>
    </div>
  );
}
