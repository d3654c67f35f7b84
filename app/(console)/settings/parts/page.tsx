import type { Metadata } from "next";
import { Button } from "#components/ui/button.tsx";

export const metadata: Metadata = { title: "Parts" };

export default function PartsPage() {
  return <div className="p-6"><Button tone="ink">Save</Button> <Button disabledReason="Nothing changed yet.">Off</Button></div>;
}
