/* tslint:disable */
/* eslint-disable */
/** An output format: */
export type Format =
/** The event as it came, less what was taken out, plus one `auditweir` member */
| "native"
/** Elastic Common Schema */
| "ecs"
/** Open Cybersecurity Schema Framework: API Activity */
| "ocsf"
/** OpenTelemetry: one OTLP-JSON log request a line */
| "otel";

/** How a filter is set up besides its policy. Unknown members are errors. */
export interface FilterOptions {
    /** The output format; `native` by default. */
    format?: Format;
    /**
     * Key of the `pseudonym` action, at least 16 bytes. A string counts as UTF-8. White space at its
     * end is no part of it.
     */
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
    /** Of `events`: those that a log service cut off, with what stood before the cut. */
    cut: number;
    /** Of what was dropped: lines of other programs, which no policy asked to drop. */
    foreign: number;
    /** What was dropped, by reason. */
    dropped: Record<string, number>;
    /** Why there were stubs and rejects. */
    reasons: Record<string, number>;
    /** Values taken out, by rule. */
    redactions: Record<string, number>;
    /** Always 0 here: a fault throws, and the filter cannot be used any more. */
    panics: number;
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
     * judged becomes a stub. A line that a container runtime split is answered with its last part.
     */
    apply(input: Uint8Array | number[]): Uint8Array;
    /**
     * Processes what still waits for its rest, when no more lines will come; as `apply`.
     */
    finish(): Uint8Array;
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
