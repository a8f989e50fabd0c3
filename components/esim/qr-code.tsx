import type { ReactNode } from "react";
import { encode } from "uqr";

/** Modules of white around the code (ISO/IEC 18004: four). */
const QUIET_ZONE = 4;

/** A QR code as one path, drawn on the server. Dark on white in either colour scheme, so that it scans. */
export function QrCode({
  text,
  label,
}: {
  readonly text: string;
  readonly label: string;
}): ReactNode {
  const { data, size } = encode(text, { ecc: "M", border: QUIET_ZONE });
  return (
    <svg
      className="qr"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
    >
      <path stroke="currentColor" d={data.map(rowPath).join("")} />
    </svg>
  );
}

/** Each run of dark modules of a row is a stroke through their middle, told from the end of the one before. */
function rowPath(row: readonly boolean[], y: number): string {
  let path = "";
  let end = 0;
  for (let x = 0; x < row.length; x++) {
    if (row[x] !== true) continue;
    const start = x;
    while (row[x + 1] === true) x++;
    path += path === "" ? `M${start} ${y}.5` : `m${start - end} 0`;
    path += `h${x + 1 - start}`;
    end = x + 1;
  }
  return path;
}
