// The database of a start: embedded unless DATABASE_URL names another. Roles, then migrations, by lib/db/prepare.ts.
import { must } from "./programs.mjs";
import { node24 } from "./node24.mjs";
import { inRoot } from "./paths.mjs";
import { startPostgres } from "./postgres.mjs";

const name = "clavitor";

/** Connection strings of an embedded server, by the right each carries. */
export function urls(port, secrets, database = name) {
  const url = (user, password, db = database) => `postgresql://${user}:${password}@127.0.0.1:${port}/${db}`;
  return {
    ADMIN_DATABASE_URL: url("postgres", secrets.superuserPassword, "postgres"),
    DATABASE_URL: url("clavitor_owner", secrets.ownerPassword),
    APP_DATABASE_URL: url("clavitor_app", secrets.appPassword),
    JOBS_DATABASE_URL: url("clavitor_jobs", secrets.jobsPassword),
  };
}

/** How often the embedded server is looked at; it is not always our child (it may have been taken over). */
const watchEvery = 500;

/**
 * The embedded server for as long as the start lives: one that falls is started again on the same port.
 * @returns {Promise<{port: number, adopted: boolean, stop: () => Promise<void>}>}
 */
export async function keepDatabase(port, secrets) {
  let server = await startDatabase(port, secrets);
  let stopping = false;
  let busy = false;
  const raise = async () => {
    console.log("  ! PostgreSQL ended; it starts again.");
    try {
      server = await startDatabase(server.port, secrets);
      if (stopping) await server.stop();
    } catch (error) {
      console.log(`  ! PostgreSQL could not be started: ${error.message} ${error.remedy ?? ""}`);
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => {
    if (stopping || busy || server.alive()) return;
    busy = true;
    void raise();
  }, watchEvery);
  return {
    port: server.port,
    adopted: server.adopted,
    async stop() {
      stopping = true;
      clearInterval(timer);
      await server.stop();
    },
  };
}

export const startDatabase = (port, secrets, options) => startPostgres({ port, password: secrets.superuserPassword, ...options });

/** Makes roles and database where they lack, and applies what migrations are new. */
export async function prepareDatabase(env) {
  const { output } = await must(node24(), [inRoot("lib/db/prepare.ts")], {
    env,
    why: "The database could not be prepared.",
    remedy: "The words below say which migration or right. Nothing is half applied; after mending it, start again.",
  });
  return output.trim().split("\n").at(-1);
}
