/** Where an address is, as GuardDuty believes. Coordinates in degrees, both or none, only with a name. */
export interface Location {
  readonly country?: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode?: string;
  readonly city?: string;
  readonly latitude?: number;
  readonly longitude?: number;
}

/** Who runs the network of an address. */
export interface Network {
  /** Greater than 0. */
  readonly asn?: number;
  readonly asnOrg?: string;
  readonly isp?: string;
  readonly org?: string;
}

/** One end of a connection. */
export interface Peer {
  /** Accepted by `net.isIP`, without a zone. */
  readonly ip?: string;
  readonly ipVersion?: 4 | 6;
  /** 1 to 65535. */
  readonly port?: number;
  readonly portName?: string;
  /** A host or service name where there is one, also where it stands instead of an address. */
  readonly domain?: string;
  readonly location?: Location;
  readonly network?: Network;
  /** Only of an end inside AWS. */
  readonly instanceId?: string;
  readonly interfaceId?: string;
  readonly subnetId?: string;
  readonly vpcId?: string;
}

/** One of the ports that somebody tried. */
export interface Probe {
  readonly remote: Peer;
  readonly local: Peer;
}

/** An end of a connection in an attack sequence. */
export interface Endpoint extends Peer {
  readonly id?: string;
  readonly direction?: Direction;
}

/** As seen from the resource. */
export type Direction = 'INBOUND' | 'OUTBOUND' | 'UNKNOWN';
