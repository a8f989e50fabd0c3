import pg from "pg";
import type { Cluster } from "#prisma/embedded-postgres/cluster.ts";
import { migrateDatabase } from "./migrate-database.ts";
import type { Secrets } from "./secrets.ts";

/** The two ways into the portal's database. */
export type PortalDatabase = {
  /** As the application: the role `portal_app`, which owns nothing. */
  appUrl: string;
  /** As the owner of the tables, who migrates. */
  ownerUrl: string;
  /** What `npm run migrate` would print as applied. */
  applied: string[];
};

const name = "portal";

/**
 * Makes the portal's database in `cluster` where it is missing, migrates it, and lets the role of
 * the application in. As in production, neither role is a superuser.
 */
export async function preparePortalDatabase(
  cluster: Cluster,
  secrets: Secrets,
): Promise<PortalDatabase> {
  const as = (role: string, password: string) => {
    const url = new URL(cluster.url(name));
    url.username = role;
    url.password = password;
    return url.href;
  };
  const ownerUrl = as("portal_owner", secrets.ownerPassword);

  return await withClient(cluster.url("postgres"), async (admin) => {
    await ensureRole(admin, "portal_owner");
    await admin.query(
      `ALTER ROLE portal_owner LOGIN CREATEROLE PASSWORD '${secrets.ownerPassword}'`,
    );
    const { rowCount } = await admin.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (!rowCount) await admin.query(`CREATE DATABASE ${name} OWNER portal_owner`);
    const applied = await migrateDatabase(ownerUrl);
    await ensureRole(admin, "portal_app");
    await admin.query(`ALTER ROLE portal_app LOGIN PASSWORD '${secrets.appPassword}'`);
    return { appUrl: as("portal_app", secrets.appPassword), ownerUrl, applied };
  });
}

/** How far the demo data are: `partly` when somebody began to put them in and was cut off. */
export type SeedState = "not" | "partly" | "completely";

/** How far the demo data are in the database, as `noteSeedState` last said. */
export async function findSeedState(cluster: Cluster): Promise<SeedState> {
  return await withClient(cluster.url(name), async (client) => {
    const { rows } = await client.query<{ note: string | null }>(
      "SELECT shobj_description(oid, 'pg_database') AS note FROM pg_database WHERE datname = $1",
      [name],
    );
    const note = rows[0]?.note;
    return note === notes.partly ? "partly" : note === notes.completely ? "completely" : "not";
  });
}

/** Notes it in the database itself, as a comment on it: the note goes where the data go. */
export async function noteSeedState(
  cluster: Cluster,
  state: "partly" | "completely",
): Promise<void> {
  await withClient(cluster.url(name), async (client) => {
    await client.query(`COMMENT ON DATABASE ${name} IS '${notes[state]}'`);
  });
}

/** Removes the database, to make it anew after an attempt to seed it that did not finish. */
export async function dropPortalDatabase(cluster: Cluster): Promise<void> {
  await withClient(cluster.url("postgres"), async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });
}

const notes = { partly: "demo data begun", completely: "demo data complete" };

async function ensureRole(admin: pg.Client, role: string): Promise<void> {
  const { rowCount } = await admin.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
  if (!rowCount) await admin.query(`CREATE ROLE ${role}`);
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
