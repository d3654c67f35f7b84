import { inOrder, personRights, type PersonRight } from "#lib/identity/permission.ts";

/** The rights ticked in a form, in their fixed order; also sets the field `rights` from them. */
export function collectRights(data: FormData): PersonRight[] {
  const rights = inOrder(personRights.filter((right) => data.get(`right_${right}`) !== null));
  for (const right of personRights) data.delete(`right_${right}`);
  data.set("rights", rights.join(","));
  return rights;
}

/** The rights that a collected form holds. */
export const rightsOf = (data: FormData): PersonRight[] => {
  const value = data.get("rights");
  return inOrder(typeof value === "string" ? value.split(",") : []);
};
