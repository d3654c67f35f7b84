/** A migration by its name and the SHA-256 of its file. */
export type Applied = { name: string; sha256: string };

export class MigrationError extends Error {
  override name = "MigrationError";
}

/** Pure: which are still to be applied. Throws when what was applied is not what lies here. */
export function pending<T extends Applied>(files: readonly T[], applied: readonly Applied[]): T[] {
  for (const [index, done] of applied.entries()) {
    const file = files[index];
    if (!file) throw new MigrationError(`The database has ${done.name}, which this release does not know. Start a release that has it.`);
    if (file.name !== done.name) throw new MigrationError(`The database has ${done.name} where this release has ${file.name}. Migrations are only ever added at the end.`);
    if (file.sha256 !== done.sha256) throw new MigrationError(`${done.name} was changed after it was applied. Put it back as it was, and make the change a new migration.`);
  }
  return files.slice(applied.length);
}
