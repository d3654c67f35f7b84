/** What floats: menus, lists of choices, popovers. */
export const FLOAT = "appear rounded-box bg-raised p-[5px] text-text shadow-float outline-none";

/** A line in a menu or a list of choices. */
export const ITEM =
  "flex min-h-7 cursor-default items-center gap-2.5 rounded-[4px] px-2 outline-none select-none max-thumb:min-h-10 " +
  "data-highlighted:bg-hover data-disabled:text-text-3 [&>svg]:size-4 [&>svg]:stroke-[1.5] [&>svg]:text-text-2";
