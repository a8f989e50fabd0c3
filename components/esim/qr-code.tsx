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
      <path fill="currentColor" d={data.map(rowPath).join("")} />
    </svg>
  );
}

/** Each run of dark modules of a row becomes one rectangle. */
function rowPath(row: readonly boolean[], y: number): string {
  let path = "";
  for (let x = 0; x < row.length; x++) {
    if (row[x] !== true) continue;
    const start = x;
    while (row[x + 1] === true) x++;
    const length = x - start + 1;
    path += `M${start} ${y}h${length}v1h-${length}z`;
  }
  return path;
}
