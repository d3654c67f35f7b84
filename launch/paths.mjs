// Where things lie. Plain JavaScript without dependencies: this runs before anything is installed, on any Node >= 20.19.
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** The instance's own folder: ports, secrets, database, logs. CLAVITOR_DATA moves it, for tests and second instances. */
export const dataDir = resolve(process.env.CLAVITOR_DATA ?? join(root, ".data"));

export const inRoot = (...parts) => join(root, ...parts);
export const inData = (...parts) => join(dataDir, ...parts);
