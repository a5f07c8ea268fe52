//! A filter that outlives its own failure.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use auditweir::{CompiledPolicy, Filter, Format, Refusal, Stats, Verdict};

/// A filter, replaced when it fails.
pub(super) struct Careful {
    policy: Arc<CompiledPolicy>,
    format: Format,
    filter: Filter,
    /// Totals of filters that failed.
    before: Stats,
}

impl Careful {
    pub(super) fn new(policy: Arc<CompiledPolicy>, format: Format) -> Self {
        let filter = Filter::new(Arc::clone(&policy), format);
        Self { policy, format, filter, before: Stats::default() }
    }

    /// Appends what becomes of an input of `size` bytes, which begins with `text`.
    pub(super) fn apply(&mut self, text: &[u8], size: u64, out: &mut Vec<u8>) -> Verdict {
        if size > text.len() as u64 {
            return self.filter.refuse(Refusal::LineTooLong, text, size, out);
        }
        let from = out.len();
        let filter = &mut self.filter;
        catch_unwind(AssertUnwindSafe(|| filter.apply(text, &mut *out))).unwrap_or_else(|_| {
            // Fail closed: neither the filter nor what it wrote is trusted any more.
            out.truncate(from);
            self.before.add(self.filter.stats());
            self.filter = Filter::new(Arc::clone(&self.policy), self.format);
            self.filter.refuse(Refusal::Internal, text, size, out)
        })
    }

    /// Totals of the filter in use.
    pub(super) fn current(&self) -> &Stats {
        self.filter.stats()
    }

    /// Totals of all.
    pub(super) fn stats(&self) -> Stats {
        let mut stats = self.before.clone();
        stats.add(self.filter.stats());
        stats
    }

    pub(super) fn policy(&self) -> &CompiledPolicy {
        &self.policy
    }
}
