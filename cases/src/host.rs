//! What a host must offer to be tested.

/// How the filter behind a host is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// Policy file; none for the default policy.
    pub policy: Option<&'a str>,
    /// Key of the `pseudonym` action.
    pub key: Option<&'a [u8]>,
    /// Name of the output format.
    pub to: &'a str,
}

impl Setup<'_> {
    /// The number of the format, for hosts that are told it so.
    pub fn number(&self) -> Result<u8, String> {
        auditweir_shell::format::named("to", self.to)
            .map(auditweir_shell::format::number)
            .map_err(|error| error.to_string())
    }
}

/// What [`auditweir::Verdict`] counts, summed over an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events written whole.
    pub events: u64,
    /// Events written as stubs.
    pub stubs: u64,
    /// Inputs rejected.
    pub rejected: u64,
    /// Events dropped by policy.
    pub dropped: u64,
}

/// What came out of a host.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The lines that went on.
    pub stdout: Vec<u8>,
    /// Everything else the host said: messages, statistics. Searched for secrets too.
    pub said: Vec<u8>,
    /// The counters, where the host shows them.
    pub counts: Option<Counts>,
}

/// Something that runs the filter on lines: the core itself, the command, a plugin in its shell.
pub trait Host {
    /// Name in messages.
    fn name(&self) -> &'static str;

    /// Whether the host can run with this setup; cases it cannot run are left out for it.
    fn can(&self, _setup: &Setup<'_>) -> bool {
        true
    }

    /// Runs newline-separated `input` through a fresh filter.
    fn run(&mut self, setup: &Setup<'_>, input: &[u8]) -> Result<Output, String>;
}
