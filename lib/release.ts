import packageJson from "../package.json" with { type: "json" };

/** The release this process runs, as shown on the system page and in /api/health. */
export const release: string = packageJson.version;
