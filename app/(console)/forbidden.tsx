import type { Metadata } from "next";
import { Forbidden } from "#components/ui/states.tsx";

export const metadata: Metadata = { title: "Not for your role" };

/** Inside the frame: what the person may do is still around it. */
export default function ConsoleForbidden() {
  return <Forbidden />;
}
