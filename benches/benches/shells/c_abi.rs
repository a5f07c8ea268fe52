//! `auditweir_filter_apply` of `libauditweir.so`, opened as a host opens it.

use std::path::Path;
use std::{ptr, slice};

use auditweir::Format;
use auditweir_benches::engines::Engine;
use bytes::Bytes;
use libloading::Library;

type Handle = *mut u8;
type PolicyDefault = unsafe extern "C" fn(*mut Handle) -> i32;
type FilterNew = unsafe extern "C" fn(Handle, i32, *mut Handle) -> i32;
type Apply =
    unsafe extern "C" fn(Handle, *const u8, usize, *mut *const u8, *mut usize, *mut u8) -> i32;
type Free = unsafe extern "C" fn(Handle);

/// A filter behind the C ABI. Like any host it hands on what it is lent: one copy per event.
pub(crate) struct CApi {
    filter: Handle,
    apply: Apply,
    free: Free,
    /// Keeps the code behind the pointers loaded; dropped after [`Drop::drop`].
    _library: Library,
}

impl CApi {
    pub(crate) fn new(path: &Path, format: Format) -> Self {
        let format = i32::from(matches!(format, Format::Ecs));
        // SAFETY: the library just built; signatures as in auditweir.h; every pointer lives as
        // long as its call.
        unsafe {
            let library = Library::new(path).expect("libauditweir.so");
            let policy_default: PolicyDefault = *library.get(b"auditweir_policy_default").unwrap();
            let policy_free: Free = *library.get(b"auditweir_policy_free").unwrap();
            let new: FilterNew = *library.get(b"auditweir_filter_new").unwrap();
            let apply: Apply = *library.get(b"auditweir_filter_apply").unwrap();
            let free: Free = *library.get(b"auditweir_filter_free").unwrap();
            let (mut policy, mut filter) = (ptr::null_mut(), ptr::null_mut());
            assert_eq!(policy_default(&raw mut policy), 0, "policy");
            assert_eq!(new(policy, format, &raw mut filter), 0, "filter");
            policy_free(policy);
            Self { filter, apply, free, _library: library }
        }
    }
}

impl Drop for CApi {
    fn drop(&mut self) {
        // SAFETY: made by `auditweir_filter_new`, freed here alone.
        unsafe { (self.free)(self.filter) }
    }
}

impl Engine for CApi {
    fn name(&self) -> &'static str {
        "C ABI"
    }

    fn line(&mut self, line: &Bytes, out: &mut Vec<u8>) {
        let (mut data, mut len) = (ptr::null(), 0);
        // SAFETY: the line lives as long as the call, the output until the next one.
        unsafe {
            let verdict = ptr::null_mut();
            let (from, size) = (line.as_ptr(), line.len());
            let status =
                (self.apply)(self.filter, from, size, &raw mut data, &raw mut len, verdict);
            assert_eq!(status, 0, "apply");
            out.extend_from_slice(slice::from_raw_parts(data, len));
        }
    }
}
