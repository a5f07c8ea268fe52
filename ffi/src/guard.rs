//! A filter that survives its own faults.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use auditweir::{CompiledPolicy, Filter, Format, Reason, Refusal, Stats, Verdict};

/// Stands for an event when not even a stub can be made.
pub(crate) const LAST_RESORT: &str = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\
    \"auditweir\":{\"v\":1,\"stub\":\"internal\"}}\n";

/// A [`Filter`] behind `catch_unwind`.
///
/// A panic costs the event it happened on: the output gets a stub, the filter with its half-written
/// scratch memory is thrown away and a new one made from the policy, which nothing can change.
pub(crate) struct Guard {
    policy: Arc<CompiledPolicy>,
    format: Format,
    filter: Filter,
    /// Totals of filters thrown away.
    past: Stats,
    /// Panics caught.
    pub(crate) panics: u64,
    /// No new filter could be made.
    pub(crate) poisoned: bool,
    /// Source line of the last panic.
    pub(crate) place: String,
}

thread_local! {
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps panic messages off the host's stderr, where they could show parts of an event, and
/// remembers where the panic was. Of this library's own copy of std, so no other code's panics.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[cfg(not(test))]
        std::panic::set_hook(Box::new(|info| {
            if let Some(at) = info.location() {
                PLACE.with_borrow_mut(|place| *place = format!("{}:{}", at.file(), at.line()));
            }
        }));
    });
}

impl Guard {
    pub(crate) fn new(policy: Arc<CompiledPolicy>, format: Format) -> Self {
        quiet();
        let filter = Filter::new(Arc::clone(&policy), format);
        Self {
            policy,
            format,
            filter,
            past: Stats::default(),
            panics: 0,
            poisoned: false,
            place: String::new(),
        }
    }

    /// [`Filter::apply`], or false if it panicked: then a stub was appended, and counted.
    pub(crate) fn apply(&mut self, input: &[u8], out: &mut Vec<u8>) -> (Verdict, bool) {
        self.run(input, out, |filter, out| {
            #[cfg(any(test, feature = "trap"))]
            assert!(memchr::memmem::find(input, b"auditweir-trap").is_none(), "trap");
            filter.apply(input, out)
        })
    }

    /// [`Filter::refuse`].
    pub(crate) fn refuse(&mut self, input: &[u8], reason: Reason, out: &mut Vec<u8>) {
        self.run(input, out, |filter, out| {
            filter.refuse(Refusal::Host(reason), input, input.len() as u64, out)
        });
    }

    fn run(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        call: impl FnOnce(&mut Filter, &mut Vec<u8>) -> Verdict,
    ) -> (Verdict, bool) {
        let before = out.len();
        if self.poisoned {
            return self.last_resort(before, out);
        }
        let filter = &mut self.filter;
        let (inputs, bytes) = (filter.stats().inputs, filter.stats().bytes_in);
        if let Ok(verdict) = catch_unwind(AssertUnwindSafe(|| call(filter, out))) {
            return (verdict, true);
        }
        self.panics += 1;
        self.place = PLACE.take();
        let replaced = catch_unwind(AssertUnwindSafe(|| {
            out.truncate(before);
            let mut stats = self.filter.stats().clone();
            // The stub counts the input; what it had counted of its events stays counted.
            (stats.inputs, stats.bytes_in) = (inputs, bytes);
            self.past.add(&stats);
            self.filter = Filter::new(Arc::clone(&self.policy), self.format);
            self.filter.refuse(Refusal::Internal, input, input.len() as u64, out)
        }));
        if let Ok(verdict) = replaced {
            return (verdict, false);
        }
        self.poisoned = true;
        self.last_resort(before, out)
    }

    fn last_resort(&mut self, before: usize, out: &mut Vec<u8>) -> (Verdict, bool) {
        out.truncate(before);
        out.extend_from_slice(LAST_RESORT.as_bytes());
        self.past.inputs += 1;
        self.past.stubs += 1;
        let mut verdict = Verdict::default();
        verdict.stubs = 1;
        (verdict, false)
    }

    /// Totals over all filters.
    pub(crate) fn stats(&self) -> Stats {
        let mut stats = self.past.clone();
        stats.add(self.filter.stats());
        stats
    }

    /// The policy in use.
    pub(crate) fn policy(&self) -> &CompiledPolicy {
        &self.policy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use auditweir::Policy;

    fn guard() -> Guard {
        Guard::new(Arc::new(Policy::default().compile().unwrap()), Format::Native)
    }

    #[test]
    fn panic_costs_one_event() {
        let mut guard = guard();
        let mut out = Vec::new();
        let event = br#"{"kind":"Event","verb":"get","auditID":"1","user":{"username":"u"}}"#;
        assert!(guard.apply(event, &mut out).1);
        let clean = out.clone();
        let (verdict, served) = guard.apply(br#"{"secret":"auditweir-trap"}"#, &mut out);
        assert!(!served);
        assert_eq!((verdict.stubs, verdict.lines()), (1, 1));
        let stub = std::str::from_utf8(&out[clean.len()..]).unwrap();
        assert!(stub.contains(r#""stub":"internal""#) && !stub.contains("trap"), "{stub}");
        out.clear();
        assert!(guard.apply(event, &mut out).1);
        assert_eq!(out, clean, "a new filter answers as the old one did");
        let stats = guard.stats();
        assert_eq!((stats.inputs, stats.events, stats.stubs), (3, 2, 1));
        assert_eq!(guard.panics, 1);
    }

    #[test]
    fn poisoned_never_lets_anything_out() {
        let mut guard = guard();
        guard.poisoned = true;
        let mut out = b"before\n".to_vec();
        let (verdict, served) = guard.apply(b"{\"password\":\"x\"}", &mut out);
        assert!(!served);
        assert_eq!(verdict.stubs, 1);
        assert_eq!(out, [b"before\n", LAST_RESORT.as_bytes()].concat());
    }
}
