import type { NetworkState, ProfileState } from "#lib/domain/esim.ts";
import type { Area } from "./networks.ts";

/** One package on an eSIM, as the carrier keeps it. */
export interface CarrierPackage {
  readonly packageCode: string;
  /** Our reference; null for the package the eSIM was first sold with. */
  readonly transactionId: string | null;
  /** The carrier's reference of it. */
  readonly carrierReference: string;
  readonly orderedAt: Date;
  readonly volumeBytes: bigint;
  readonly durationDays: number;
}

/** One eSIM of the demo as the carrier knows it. */
export interface CarrierEsim {
  readonly iccid: string;
  readonly esimTranNo: string;
  readonly orderNo: string;
  readonly smdpAddress: string;
  readonly matchingId: string;
  readonly profileState: ProfileState;
  readonly networkState: NetworkState;
  readonly totalBytes: bigint;
  readonly usedBytes: bigint;
  readonly expiresAt: Date;
  readonly usageAsOf: Date;
  readonly createdAt: Date;
  /** Where the eSIM was made to work; decides which packages fit it. */
  readonly area: Area;
  readonly packages: readonly CarrierPackage[];
}
