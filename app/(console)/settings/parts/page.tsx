import type { Metadata } from "next";
import { Box } from "#components/ui/box.tsx";
import { ButtonParts } from "./button-parts.tsx";
import { ColourParts } from "./colour-parts.tsx";
import { FieldParts } from "./field-parts.tsx";
import { FloatingParts } from "./floating-parts.tsx";
import { FormPart } from "./form-part.tsx";
import { KeyParts } from "./key-parts.tsx";
import { ProgressParts } from "./progress-parts.tsx";
import { SignParts } from "./sign-parts.tsx";
import { EmptyParts, LoadingParts, WrongParts } from "./state-parts.tsx";
import { TableParts } from "./table-parts.tsx";
import { TypeParts } from "./type-parts.tsx";
import { WordParts } from "./word-parts.tsx";

export const metadata: Metadata = { title: "Parts" };

/** Every part in every state, to be looked at: by whoever builds a page, and by the tests that measure contrast and names. */
export default function PartsPage() {
  const now = drawnAt();
  return (
    <div className="bg-canvas px-gutter py-5">
      <div className="mx-auto grid max-w-[1344px] grid-cols-12 gap-5 max-rail:gap-4 [&>*]:col-span-12">
        <Box title="Colour" why="Blue is your hand, cyan is in motion, green is proven, amber says look, red takes away. The figures are contrast, light then dark.">
          <ColourParts />
        </Box>
        <Box title="Type" why="The system’s face, tabular figures, six sizes." className="rail:col-span-4!">
          <TypeParts />
        </Box>
        <Box title="Buttons" why="Ink is the ordinary yes. Blue only where a key is touched or staged work goes on." className="rail:col-span-4!">
          <ButtonParts />
        </Box>
        <Box title="State, letter, change" why="Six outlines, nine letters, five signs." className="rail:col-span-4!">
          <SignParts />
        </Box>
        <Box title="Fields" why="An error says what to do. What is off says why." className="rail:col-span-8!">
          <FieldParts />
        </Box>
        <Box title="Form" why="Try it: nothing typed is lost, a second press does nothing." className="rail:col-span-4!">
          <FormPart />
        </Box>
        <Box title="Table" why="Hairlines, numbers right, currency always there. Arrows move, Enter opens, a head orders." flush className="rail:col-span-8!">
          <TableParts now={now} />
        </Box>
        <Box title="Menus, windows, toasts" why="The key is always beside the word. What can be undone is a toast; what cannot, asks first." className="rail:col-span-4!">
          <FloatingParts />
        </Box>
        <Box title="Progress" why="Counts and a rate, never a lonely spinner." className="rail:col-span-4!">
          <ProgressParts />
        </Box>
        <Box title="Words, money, times" why="Names keep what tells them apart; times and amounts are exact behind what they show." className="rail:col-span-4!">
          <WordParts now={now} />
        </Box>
        <Box title="Keys" why="The same letters everywhere." className="rail:col-span-4!">
          <KeyParts />
        </Box>
        <EmptyParts />
        <LoadingParts />
        <WrongParts />
      </div>
    </div>
  );
}

function drawnAt(): number {
  return Date.now();
}
