//! Codes of gRPC, which Google Cloud writes where others have those of HTTP.

/// Names of `google.rpc.Code`, each at its number.
pub(crate) const RPC_CODES: [&[u8]; 17] = [
    b"OK",
    b"CANCELLED",
    b"UNKNOWN",
    b"INVALID_ARGUMENT",
    b"DEADLINE_EXCEEDED",
    b"NOT_FOUND",
    b"ALREADY_EXISTS",
    b"PERMISSION_DENIED",
    b"RESOURCE_EXHAUSTED",
    b"FAILED_PRECONDITION",
    b"ABORTED",
    b"OUT_OF_RANGE",
    b"UNIMPLEMENTED",
    b"INTERNAL",
    b"UNAVAILABLE",
    b"DATA_LOSS",
    b"UNAUTHENTICATED",
];
