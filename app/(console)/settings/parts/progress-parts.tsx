import { ChangePath } from "#components/ui/change-path.tsx";
import { Progress } from "#components/ui/progress.tsx";

export function ProgressParts() {
  return (
    <div className="grid grid-cols-1 gap-4">
      <Progress
        label="Plan “Jim works like Sarah”"
        noun="proven"
        total={44}
        perSecond={4.2}
        parts={[
          { state: "proven", count: 24 },
          { state: "moving", count: 8 },
          { state: "refused", count: 1 },
        ]}
      />
      <ChangePath at="Sent" partly />
      <ChangePath at="Plan" />
      <ChangePath at="Proven" />
      <ChangePath at={null} />
      <Progress label="Reading all vaults" large noun="vaults read" total={1000} perSecond={38} parts={[{ state: "moving", count: 412 }]} footer="about 15 s left. You may close this tab." />
      <Progress label="Import" noun="rows" total={0} perSecond={null} parts={[]} footer="The file is empty." />
    </div>
  );
}
