//! Envelopes, one by one.
