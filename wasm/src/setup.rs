//! From policy text, key and format name to a filter.

use std::sync::Arc;

use auditweir::{CompiledPolicy, Policy, PolicyError};

/// Compiles a policy; no text means the default policy.
pub(crate) fn policy(
    text: Option<&str>,
    key: Option<&[u8]>,
) -> Result<Arc<CompiledPolicy>, PolicyError> {
    let policy = text.map_or_else(|| Ok(Policy::default()), Policy::from_yaml)?.compile()?;
    let policy = match key {
        Some(key) => policy.with_pseudonym_key(key)?,
        None => policy,
    };
    Ok(Arc::new(policy))
}

/// The default policy.
#[cfg(not(feature = "bindgen"))]
pub(crate) fn default_policy() -> Arc<CompiledPolicy> {
    Arc::new(Policy::default().compile().expect("the default policy is valid"))
}

/// Counters as JSON.
#[cfg(all(target_family = "wasm", not(target_os = "wasi")))]
pub(crate) fn stats(stats: &auditweir::Stats, traps: Option<u32>) -> String {
    let dropped: u64 = stats.dropped.iter().map(|(_, count)| count).sum();
    let traps = traps.map(|count| format!(",\"traps\":{count}")).unwrap_or_default();
    format!(
        r#"{{"inputs":{},"bytesIn":{},"bytesOut":{},"events":{},"stubs":{},"rejected":{},"dropped":{dropped}{traps}}}"#,
        stats.inputs, stats.bytes_in, stats.bytes_out, stats.events, stats.stubs, stats.rejected,
    )
}
