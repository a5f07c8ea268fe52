//! The one piece of state of a guest, and what happens to it after a trap.
//!
//! A trap ends a call anywhere: values may be half moved, and since the compiler knows that nobody
//! runs after a panic that aborts, even plain stores may be missing. So before anything that could
//! trap, a volatile phase mark is set; a call that finds the mark of an earlier one throws away
//! what the earlier call could have been writing to, without running its destructors. The compiled
//! policy is only read after it is stored and survives.
//!
//! The memory thrown away stays allocated: the filter's scratch buffers, once per trap.
#![allow(unsafe_code, reason = "state that outlives calls and traps cannot be had in safe Rust")]

use std::cell::UnsafeCell;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{Ordering, compiler_fence};

use auditweir::{CompiledPolicy, Format, Reason, Refusal, Stats};
#[cfg(all(target_family = "wasm", not(target_os = "wasi")))]
use auditweir_shell::Totals;
use auditweir_shell::{Counts, Guard, Ready, Stream, default_policy};

/// The policy of an instance.
#[derive(Default)]
enum Loaded {
    #[default]
    NotYet,
    /// It cannot be used: every event becomes a stub.
    Wrong,
    Policy(Arc<CompiledPolicy>),
}

/// What the calls of one instance share.
#[derive(Default)]
pub(crate) struct State {
    policy: Loaded,
    /// Streams by [`Format`], each made when first used.
    streams: [Option<Box<Stream>>; Format::ALL.len()],
    /// Totals of streams thrown away.
    past: Stats,
    /// Totals of all before the call under way.
    before: Stats,
    /// The answer of the last call; what pointers given to the host point into.
    pub(crate) out: Vec<u8>,
    /// Calls that ended in a trap.
    pub(crate) traps: u32,
    /// How many of them have been told.
    #[cfg(target_os = "wasi")]
    pub(crate) traps_told: u32,
    /// Shape that the host has chosen for the whole instance.
    #[cfg(all(target_family = "wasm", not(target_os = "wasi")))]
    pub(crate) format: Format,
    /// What was wrong with the policy.
    #[cfg(all(target_family = "wasm", not(target_os = "wasi")))]
    pub(crate) error: String,
}

/// Where a call is; what a trap leaves behind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    SettingUp,
    Filtering,
}

/// Holder of the [`State`].
pub(crate) struct Guest {
    state: UnsafeCell<Option<State>>,
    phase: UnsafeCell<Phase>,
}

// SAFETY: a guest instance has one thread; wasm32 without the `atomics` feature cannot have more.
unsafe impl Sync for Guest {}

impl Guest {
    pub(crate) const fn new() -> Self {
        Self { state: UnsafeCell::new(None), phase: UnsafeCell::new(Phase::Idle) }
    }

    /// Runs one call of the host. Host calls do not nest: nothing here calls the host but to read
    /// the policy file and to write a line of log.
    pub(crate) fn call<R>(&self, run: impl FnOnce(&Self, &mut State) -> R) -> R {
        // SAFETY: one thread, and `call` is entered by the host only, so no other reference lives.
        let state = unsafe { (*self.state.get()).get_or_insert_default() };
        // SAFETY: as above; volatile because of the traps.
        let left = unsafe { ptr::read_volatile(self.phase.get()) };
        if left != Phase::Idle {
            // SAFETY: both are valid for writes; their old contents may be half moved and must not
            // be dropped.
            unsafe {
                ptr::write(&raw mut state.streams, Default::default());
                ptr::write(&raw mut state.out, Vec::new());
                if left == Phase::SettingUp {
                    ptr::write(&raw mut state.policy, Loaded::Wrong);
                }
            }
            // Neither was written to since that call began; what it did was never answered.
            state.past.clone_from(&state.before);
            state.traps = state.traps.saturating_add(1);
            self.mark(Phase::Idle);
        }
        state.before.clone_from(&state.past);
        state.streams.iter().flatten().for_each(|one| state.before.add(one.guard().current()));
        run(self, state)
    }

    fn mark(&self, phase: Phase) {
        compiler_fence(Ordering::SeqCst);
        // SAFETY: one thread; no reference to the phase exists.
        unsafe { ptr::write_volatile(self.phase.get(), phase) };
        compiler_fence(Ordering::SeqCst);
    }

    /// Sets the policy to what `load` gives; `None` makes every event a stub.
    pub(crate) fn set_up<R>(
        &self,
        state: &mut State,
        load: impl FnOnce() -> (Option<Arc<CompiledPolicy>>, R),
    ) -> R {
        self.mark(Phase::SettingUp);
        let (policy, rest) = load();
        state.policy = policy.map_or(Loaded::Wrong, Loaded::Policy);
        state.streams = Default::default();
        (state.past, state.before) = Default::default();
        self.mark(Phase::Idle);
        rest
    }

    /// Appends what becomes of one line or record to `state.out`. The state must be set up.
    pub(crate) fn line(
        &self,
        state: &mut State,
        format: Format,
        source: &[u8],
        input: &[u8],
    ) -> Counts {
        self.run(state, format, |stream, usable, out| {
            let counts = if usable {
                stream.line(source, input, out)
            } else if input.trim_ascii().is_empty() {
                Counts::default()
            } else {
                stream.refuse(Refusal::Host(Reason::POLICY_ERROR), input, out)
            };
            #[cfg(feature = "trap")]
            assert!(
                !input.windows(14).any(|text| text == b"auditweir-trap"),
                "{}",
                String::from_utf8_lossy(input)
            );
            counts
        })
    }

    /// Appends what still waits for its rest to `state.out`.
    #[cfg(all(target_family = "wasm", not(target_os = "wasi")))]
    pub(crate) fn finish(&self, state: &mut State, format: Format) {
        self.run(state, format, |stream, _, out| stream.finish(out));
    }

    /// Appends a stub for an input that cannot be had or judged.
    #[cfg(any(test, target_os = "wasi"))]
    pub(crate) fn refuse(&self, state: &mut State, format: Format, input: &[u8], reason: Reason) {
        self.run(state, format, |stream, _, out| stream.refuse(Refusal::Host(reason), input, out));
    }

    fn run(
        &self,
        state: &mut State,
        format: Format,
        call: impl FnOnce(&mut Stream, bool, &mut Vec<u8>) -> Counts,
    ) -> Counts {
        self.mark(Phase::Filtering);
        let (stream, usable, out) = state.parts(format);
        let counts = call(stream, usable, out);
        self.mark(Phase::Idle);
        counts
    }
}

impl State {
    /// The stream of a format, whether its policy is the one asked for, and the answer so far.
    fn parts(&mut self, format: Format) -> (&mut Stream, bool, &mut Vec<u8>) {
        let policy = match &self.policy {
            Loaded::Policy(policy) => Some(policy),
            Loaded::NotYet | Loaded::Wrong => None,
        };
        let slot = usize::from(auditweir_shell::format::number(format));
        let stream = self.streams[slot].get_or_insert_with(|| {
            let policy = policy
                .map_or_else(|| default_policy().expect("the default policy is valid"), Arc::clone);
            Box::new(Guard::new(Ready { policy, format }).into())
        });
        (stream, policy.is_some(), &mut self.out)
    }

    /// Whether there is a policy, be it a wrong one.
    #[cfg(target_family = "wasm")]
    pub(crate) fn is_set_up(&self) -> bool {
        !matches!(self.policy, Loaded::NotYet)
    }

    /// The totals as JSON.
    #[cfg(all(target_family = "wasm", not(target_os = "wasi")))]
    pub(crate) fn totals(&self) -> String {
        let mut stats = self.past.clone();
        self.streams.iter().flatten().for_each(|one| stats.add(one.guard().current()));
        let rules = match &self.policy {
            Loaded::Policy(policy) => policy.rule_names(),
            Loaded::NotYet | Loaded::Wrong => &[],
        };
        Totals::new(stats, rules, self.traps.into()).to_json()
    }

    /// Empties the answer. Memory of an unusually large one is given back.
    pub(crate) fn clear(&mut self) {
        if self.out.capacity() > 1 << 20 {
            self.out = Vec::new();
        }
        self.out.clear();
    }
}
