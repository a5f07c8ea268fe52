//! Golden files, the oracle, invariants over random inputs, and the replay of the fuzz corpus.
//!
//! `core` holds no `unsafe`, so there is nothing here for Miri to find; see fuzz/README.md.

mod accepts;
mod envelopes;
mod golden;
mod hostile;
mod invariants;
mod oracle;
mod planted;
mod replay;
mod score;
mod types;
mod verdicts;
