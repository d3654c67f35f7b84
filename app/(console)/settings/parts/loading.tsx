import { LoadingRows } from "#components/ui/states.tsx";

export default function Loading() {
  return <LoadingRows what="the parts" rows={12} widths={["minmax(0,1fr)", "minmax(0,1fr)", "minmax(0,1fr)"]} />;
}
