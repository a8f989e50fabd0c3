/**
 * `npm test`: everything that can be checked, from a bare clone. Nothing is retried, and what is
 * skipped has failed. The last line says how it went; so does the exit code.
 */
import { ensureBrowser } from "./browser.ts";
import { ensureBuild } from "./build.ts";
import { runGate, runTests, sum, type Count } from "./steps.ts";

process.on("disconnect", () => process.exit(1));

const { passed, failed, failures } = sum([
  await runGate(),
  await runTests("unit", "db", "contract"),
  await runTests("model"),
  await runBrowserTests(),
]);
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

async function runBrowserTests(): Promise<Count> {
  try {
    console.log("\n── browser");
    console.log(`Using ${ensureBrowser((line) => console.log(line))}`);
    await ensureBuild((line) => console.log(line));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, failures: ["the browser or the build"] };
  }
  return sum([await runTests("e2e"), await runTests("crash")]);
}
