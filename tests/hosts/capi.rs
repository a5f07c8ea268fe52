//! The C ABI: `libauditweir.so` opened as a host would open it.

#![allow(unsafe_code, reason = "calls C functions")]

use std::path::PathBuf;
use std::{ptr, slice};

use auditweir_tests::built;
use auditweir_tests::host::{Counts, Host, Output, Setup};
use libloading::{Library, Symbol};

/// The library.
pub(crate) fn library() -> PathBuf {
    built::folder().join("libauditweir.so")
}

/// `auditweir_verdict` of the header.
#[repr(C)]
#[derive(Default)]
struct Verdict {
    size: u32,
    reserved: u32,
    events: u64,
    stubs: u64,
    rejected: u64,
    dropped: u64,
    redactions: u64,
}

type Ptr = *mut u8;
type FromYaml = unsafe extern "C" fn(*const u8, usize, *mut Ptr, *mut Ptr) -> i32;
type Default_ = unsafe extern "C" fn(*mut Ptr) -> i32;
type SetKey = unsafe extern "C" fn(Ptr, *const u8, usize, *mut Ptr) -> i32;
type New = unsafe extern "C" fn(Ptr, i32, *mut Ptr) -> i32;
type Apply =
    unsafe extern "C" fn(Ptr, *const u8, usize, *mut *const u8, *mut usize, *mut Verdict) -> i32;
type Finish = unsafe extern "C" fn(Ptr, *mut *const u8, *mut usize, *mut Verdict) -> i32;
type Stats = unsafe extern "C" fn(Ptr, *mut *const u8, *mut usize) -> i32;
type Free = unsafe extern "C" fn(Ptr);

/// Calls `auditweir_filter_apply_lines`, and `auditweir_filter_apply` line by line to compare.
pub(crate) struct CApi {
    library: Library,
}

impl CApi {
    pub(crate) fn new() -> Self {
        // SAFETY: the library just built; its initialisers are those of Rust's std.
        Self { library: unsafe { Library::new(library()) }.expect("libauditweir.so") }
    }
}

impl Host for CApi {
    fn name(&self) -> &'static str {
        "C ABI"
    }

    fn run(&mut self, setup: &Setup<'_>, input: &[u8]) -> Result<Output, String> {
        let ok = |status: i32, what: &str| match status {
            0 => Ok(()),
            status => Err(format!("{what}: status {status}")),
        };
        let format = i32::from(setup.number()?);
        let mut output = Output::default();
        // SAFETY: signatures as in auditweir.h; every pointer lives as long as the call.
        unsafe {
            let lib = &self.library;
            let from_yaml: Symbol<'_, FromYaml> = lib.get(b"auditweir_policy_from_yaml").unwrap();
            let default: Symbol<'_, Default_> = lib.get(b"auditweir_policy_default").unwrap();
            let set_key: Symbol<'_, SetKey> =
                lib.get(b"auditweir_policy_set_pseudonym_key").unwrap();
            let policy_free: Symbol<'_, Free> = lib.get(b"auditweir_policy_free").unwrap();
            let new: Symbol<'_, New> = lib.get(b"auditweir_filter_new").unwrap();
            let apply: Symbol<'_, Apply> = lib.get(b"auditweir_filter_apply").unwrap();
            let apply_lines: Symbol<'_, Apply> = lib.get(b"auditweir_filter_apply_lines").unwrap();
            let finish: Symbol<'_, Finish> = lib.get(b"auditweir_filter_finish").unwrap();
            let stats: Symbol<'_, Stats> = lib.get(b"auditweir_filter_stats").unwrap();
            let free: Symbol<'_, Free> = lib.get(b"auditweir_filter_free").unwrap();

            let mut policy = ptr::null_mut();
            match setup.policy {
                Some(text) => ok(
                    from_yaml(text.as_ptr(), text.len(), &raw mut policy, ptr::null_mut()),
                    "policy",
                )?,
                None => ok(default(&raw mut policy), "default policy")?,
            }
            if let Some(key) = setup.key {
                ok(set_key(policy, key.as_ptr(), key.len(), ptr::null_mut()), "key")?;
            }
            let (mut batch, mut single) = (ptr::null_mut(), ptr::null_mut());
            ok(new(policy, format, &raw mut batch), "filter")?;
            ok(new(policy, format, &raw mut single), "filter")?;
            policy_free(policy);

            let (mut out, mut len) = (ptr::null(), 0);
            let mut verdict = Verdict { size: size_of::<Verdict>() as u32, ..Verdict::default() };
            let input_ptr = if input.is_empty() { ptr::null() } else { input.as_ptr() };
            let status = apply_lines(
                batch,
                input_ptr,
                input.len(),
                &raw mut out,
                &raw mut len,
                &raw mut verdict,
            );
            ok(status, "apply_lines")?;
            output.stdout.extend_from_slice(slice::from_raw_parts(out, len));
            let mut rest = Verdict { size: size_of::<Verdict>() as u32, ..Verdict::default() };
            ok(finish(batch, &raw mut out, &raw mut len, &raw mut rest), "finish")?;
            output.stdout.extend_from_slice(slice::from_raw_parts(out, len));

            let mut lines = Vec::new();
            for line in input.split(|byte| *byte == b'\n') {
                let status = apply(
                    single,
                    line.as_ptr(),
                    line.len(),
                    &raw mut out,
                    &raw mut len,
                    ptr::null_mut(),
                );
                ok(status, "apply")?;
                lines.extend_from_slice(slice::from_raw_parts(out, len));
            }
            ok(finish(single, &raw mut out, &raw mut len, ptr::null_mut()), "finish")?;
            lines.extend_from_slice(slice::from_raw_parts(out, len));
            if lines != output.stdout {
                return Err("lines one by one give another output than all at once".into());
            }

            ok(stats(batch, &raw mut out, &raw mut len), "stats")?;
            output.said.extend_from_slice(slice::from_raw_parts(out, len));
            free(batch);
            free(single);
            output.counts = Some(Counts {
                events: verdict.events + rest.events,
                stubs: verdict.stubs + rest.stubs,
                rejected: verdict.rejected + rest.rejected,
                dropped: verdict.dropped + rest.dropped,
            });
        }
        Ok(output)
    }
}

#[test]
fn cases() {
    super::run(&mut CApi::new());
}
