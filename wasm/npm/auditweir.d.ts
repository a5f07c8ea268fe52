/* tslint:disable */
/* eslint-disable */

/** How a filter is set up besides its policy. Unknown members are errors. */
export interface FilterOptions {
    /** Elastic Common Schema (default), the event in its own shape, OCSF, or OTLP-JSON requests. */
    format?: "ecs" | "native" | "ocsf" | "otel";
    /** Key of the `pseudonym` action, at least 16 bytes. A string counts as UTF-8. */
    pseudonymKey?: string | Uint8Array;
}

/** Totals since the filter was made. */
export interface FilterStats {
    /** Calls with anything but blanks. */
    inputs: number;
    bytesIn: number;
    bytesOut: number;
    /** Events written whole, after redaction. */
    events: number;
    /** Events that could not be processed safely and left as a stub. */
    stubs: number;
    /** Inputs that no API server can have written, each answered by a stub. */
    rejected: number;
    /** Events dropped because the policy says so. */
    dropped: number;
}

/** What the constructor throws. */
export interface FilterError extends Error {
    code: "AUDITWEIR_POLICY" | "AUDITWEIR_OPTION";
}



/**
 * Cleans Kubernetes audit events.
 */
export class Filter {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * As `apply`, for text; one string per event that goes on, without newline.
     */
    applyText(input: string): string[];
    /**
     * Processes one line or record: an event, or an envelope around events. Returns one line of
     * JSON, ended by a newline, per event that goes on. Never throws: what cannot be read or
     * judged becomes a stub.
     */
    apply(input: Uint8Array | number[]): Uint8Array;
    /**
     * A filter for this policy (YAML or JSON text; none for the default policy).
     *
     * Throws a `FilterError` when policy or options cannot be used.
     */
    constructor(policy?: string | null, options?: FilterOptions | null);
    /**
     * Totals since the filter was made.
     */
    stats(): FilterStats;
}
