/**
 * `node lib/cli/with-demo.ts <program> [arguments]` runs a program of the repository with the
 * settings of the running demo, for those that the environment does not give. Where no demo runs,
 * the environment is all there is.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { root } from "./root.ts";
import { findDemoSettings } from "./running-demo.ts";

const [program, ...args] = process.argv.slice(2);
if (!program) {
  console.error("Say which program to run, e.g. node lib/cli/with-demo.ts prisma/seed.ts");
  process.exit(1);
}
const child = spawn(process.execPath, [path.join(root, program), ...args], {
  env: { ...findDemoSettings(path.join(root, ".data")), ...process.env },
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
