const SIZES = [
  { name: "28/36, 600", look: "text-28 font-semibold", words: "3 of 37 vaults" },
  { name: "20/28, 600", look: "text-20 font-semibold", words: "Jim works like Sarah" },
  { name: "16/24", look: "text-16", words: "You give Jim Networking" },
  { name: "14/20, 600", look: "text-14 font-semibold", words: "Lock ledger" },
  { name: "13/20", look: "text-13", words: "Łąka Ogrody, מכתב, مكتبة النخيل" },
  { name: "12/16", look: "text-12 text-text-2", words: "captions, table heads, second lines" },
  { name: "mono 12", look: "mono", words: "9f2c 41d0 7be3 a855" },
  { name: "figures", look: "text-13", words: "1,111.11  7,480.96  −37%" },
] as const;

export function TypeParts() {
  return (
    <dl className="grid grid-cols-[92px_minmax(0,1fr)] items-baseline gap-x-3 gap-y-2">
      {SIZES.map((size) => (
        <div key={size.name} className="contents">
          <dt className="text-12 text-text-3">{size.name}</dt>
          <dd className={`truncate whitespace-pre ${size.look}`}>
            <bdi>{size.words}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
