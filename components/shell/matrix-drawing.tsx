/**
 * The matrix as a drawing: clients down, technicians across, and one column on its way from intended to proven. Letters and
 * frames are those of the real cells. Decoration: hidden from assistive technology.
 */
export function MatrixDrawing() {
  return (
    <svg aria-hidden className="matrix-drawing" width={COLUMNS * CELL_W} height={ROWS * CELL_H}>
      <defs>
        <pattern id="matrix-cell" width={CELL_W} height={CELL_H} patternUnits="userSpaceOnUse">
          <path d={`M${CELL_W - 0.5} 0V${CELL_H}M0 ${CELL_H - 0.5}H${CELL_W}`} stroke="var(--line)" fill="none" />
        </pattern>
      </defs>
      <rect width="100%" height="100%" fill="url(#matrix-cell)" />
      {HELD.flatMap(({ column, letter, from, to, without }) =>
        range(from, to)
          .filter((row) => !without.includes(row))
          .map((row) => (
            <text key={`${column} ${row}`} className="matrix-letter" x={column * CELL_W + CELL_W / 2} y={row * CELL_H + 18}>
              {letter}
            </text>
          )),
      )}
      {range(TRAVEL.from, TRAVEL.to).map((row) => (
        <Travelling key={row} row={row} />
      ))}
    </svg>
  );
}

function Travelling({ row }: { row: number }) {
  const x = TRAVEL.column * CELL_W;
  const y = row * CELL_H;
  const letter = (colour: string, text: string, dx = 0) => (
    <text className="matrix-letter" style={{ fill: colour }} x={x + CELL_W / 2 + dx} y={y + 18}>
      {text}
    </text>
  );
  if (row < TRAVEL.proven) return letter("var(--text-2)", "N");
  if (row < TRAVEL.moving) {
    return (
      <g>
        <rect x={x} y={y} width={CELL_W - 1} height={CELL_H - 1} fill="var(--ok-soft)" />
        {letter("var(--ok-text)", "N", -3)}
        <path d={`M${x + 22} ${y + 12}l2 2 4-5`} stroke="var(--ok-text)" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" fill="none" />
      </g>
    );
  }
  if (row < TRAVEL.staged) {
    return (
      <g>
        <circle className="matrix-ring" cx={x + CELL_W / 2} cy={y + CELL_H / 2} r="11" />
        {letter("var(--info-text)", "N")}
      </g>
    );
  }
  return (
    <g>
      <rect x={x + 2.5} y={y + 3.5} width={CELL_W - 6} height={CELL_H - 8} rx="3" fill="none" stroke="var(--accent)" strokeDasharray="3 2" />
      {letter("var(--accent-text)", "+N")}
    </g>
  );
}

const CELL_W = 36;
const CELL_H = 28;
const COLUMNS = 22;
const ROWS = 48;
const HELD: readonly { column: number; letter: string; from: number; to: number; without: readonly number[] }[] = [
  { column: 0, letter: "N", from: 0, to: 20, without: [] },
  { column: 1, letter: "I", from: 0, to: 20, without: [6, 14] },
  { column: 2, letter: "C", from: 0, to: 20, without: [] },
  { column: 3, letter: "F", from: 0, to: 20, without: [9, 18] },
  { column: 5, letter: "B", from: 0, to: 20, without: [3] },
  { column: 7, letter: "N", from: 12, to: 40, without: [17] },
  { column: 9, letter: "M", from: 12, to: 40, without: [30] },
  { column: 11, letter: "M", from: 12, to: 40, without: [15, 29] },
  { column: 12, letter: "S", from: 16, to: 34, without: [] },
  { column: 14, letter: "C", from: 12, to: 40, without: [20, 24] },
  { column: 15, letter: "W", from: 4, to: 22, without: [] },
  { column: 17, letter: "T", from: 9, to: 28, without: [] },
];
/** One person's column: settled, then just proven, then on the wire, then only intended. */
const TRAVEL = { column: 6, from: 6, proven: 11, moving: 14, staged: 16, to: 26 };

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
