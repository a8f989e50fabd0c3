/** `npm run verify`: everything that can be checked without a browser, in under three minutes. */
import { runGate, runTests, sum } from "./steps.ts";

process.on("disconnect", () => process.exit(1));

const { passed, failed, failures } = sum([await runGate(), await runTests("unit", "db")]);
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
