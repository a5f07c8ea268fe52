//! What Fluent Bit sees: one data symbol and three callbacks.

use std::ffi::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use auditweir_shell::{LAST_RESORT, Totals};

use super::chunk::Weir;
use super::host::{Host, Instance, Severity};
use super::options::Options;
use super::to_msgpack;

/// `FLB_FILTER_MODIFIED`. `FLB_FILTER_NOTOUCH` (2), which lets the chunk go on as it is, is never
/// returned.
const MODIFIED: c_int = 1;

type Callback = unsafe extern "C" fn(*mut Instance, *mut c_void, *mut c_void) -> c_int;
type Filter = unsafe extern "C" fn(
    *const c_void,
    usize,
    *const c_char,
    c_int,
    *mut *mut c_void,
    *mut usize,
    *mut Instance,
    *mut c_void,
    *mut c_void,
    *mut c_void,
) -> c_int;

/// `struct flb_filter_plugin` of 3.2 to 5.1. Before 3.2 there was no `cb_notification`: such a host
/// takes it, NULL, for the first pointer of its list head, which it then sets itself.
#[repr(C)]
pub struct Plugin {
    event_type: c_int,
    flags: c_int,
    name: *const c_char,
    description: *const c_char,
    /// NULL: the layout of its items changed in 5.0.3, and options are read by name instead.
    config_map: *const c_void,
    cb_pre_run: Option<Callback>,
    cb_init: Option<Callback>,
    cb_filter: Option<Filter>,
    cb_exit: Option<unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int>,
    cb_notification: Option<Callback>,
    list: [*const c_void; 2],
    /// The host copies as many bytes as its own struct has; a later one may have more.
    padding: [usize; 32],
}

// SAFETY: constant; the host copies it and writes to its copy only.
unsafe impl Sync for Plugin {}

/// Found by name by Fluent Bit after opening `flb-filter_auditweir.so`.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "Fluent Bit makes the name from the file's")]
pub static filter_auditweir_plugin: Plugin = Plugin {
    event_type: 0, // logs
    flags: 0,
    name: c"auditweir".as_ptr(),
    description: c"Normalises, redacts and enriches Kubernetes audit events".as_ptr(),
    config_map: ptr::null(),
    cb_pre_run: None,
    cb_init: Some(cb_init),
    cb_filter: Some(cb_filter),
    cb_exit: Some(cb_exit),
    cb_notification: None,
    list: [ptr::null(); 2],
    padding: [0; 32],
};

/// What the callbacks share.
struct Context {
    host: Host,
    weir: Weir,
}

/// Reads the options. -1 keeps Fluent Bit from starting, or a reload from taking place.
unsafe extern "C" fn cb_init(
    instance: *mut Instance,
    _config: *mut c_void,
    _data: *mut c_void,
) -> c_int {
    // SAFETY: the host hands its own instance.
    let Some(host) = (unsafe { Host::new(instance) }) else { return -1 };
    let options = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: as above.
        Options::read(|name| unsafe { host.option(name, instance) })
    }));
    match options.unwrap_or_else(|_| Err("internal error while reading the options".into())) {
        Ok(options) => {
            host.log(Severity::Info, &options.summary);
            let context = Box::new(Context { host: host.clone(), weir: Weir::new(options) });
            // SAFETY: as above; freed in `cb_exit`.
            unsafe { host.set_context(instance, Box::into_raw(context).cast()) };
            0
        }
        Err(error) => {
            host.log(Severity::Error, &error);
            -1
        }
    }
}

unsafe extern "C" fn cb_filter(
    chunk: *const c_void,
    len: usize,
    tag: *const c_char,
    tag_len: c_int,
    out: *mut *mut c_void,
    out_len: *mut usize,
    _instance: *mut Instance,
    _input: *mut c_void,
    context: *mut c_void,
    _config: *mut c_void,
) -> c_int {
    // Should all else fail, nothing goes on.
    // SAFETY: the host gives places for both.
    unsafe { (out.write(ptr::null_mut()), out_len.write(0)) };
    let chunk: &[u8] = if chunk.is_null() || len == 0 {
        &[]
    } else {
        // SAFETY: the host's chunk, not changed during the call.
        unsafe { std::slice::from_raw_parts(chunk.cast(), len) }
    };
    let tag: &[u8] = match usize::try_from(tag_len) {
        // SAFETY: the host's tag, which has that length.
        Ok(len) if !tag.is_null() => unsafe { std::slice::from_raw_parts(tag.cast(), len) },
        _ => &[],
    };
    // SAFETY: made in `cb_init`, used by the host from one thread at a time.
    let Some(context) = (unsafe { context.cast::<Context>().as_mut() }) else { return MODIFIED };
    let Context { host, weir } = context;
    let panics = weir.stream.guard().panics();
    let done = catch_unwind(AssertUnwindSafe(|| give(weir.chunk(tag, chunk), out, out_len)));
    if done.is_err() {
        host.log(Severity::Error, "internal error: a chunk was replaced by one stub");
        let mut stub = vec![0x92, 0x00];
        _ = to_msgpack::write(LAST_RESORT.as_bytes(), &mut stub);
        give(&stub, out, out_len);
    } else if weir.stream.guard().panics() > panics {
        let place = weir.stream.guard().place();
        host.log(Severity::Error, &format!("internal error at {place}: the event is a stub now"));
    }
    MODIFIED
}

/// Copies `chunk` into memory that the host frees. Nothing goes on if there is none.
fn give(chunk: &[u8], out: *mut *mut c_void, out_len: *mut usize) {
    if chunk.is_empty() {
        return;
    }
    // SAFETY: malloc of the process, which the host's free belongs to; checked before use. Both
    // places were written before.
    unsafe {
        let memory = libc::malloc(chunk.len());
        if !memory.is_null() {
            ptr::copy_nonoverlapping(chunk.as_ptr(), memory.cast(), chunk.len());
            out.write(memory);
            out_len.write(chunk.len());
        }
    }
}

/// Logs the totals and frees everything.
unsafe extern "C" fn cb_exit(context: *mut c_void, _config: *mut c_void) -> c_int {
    if context.is_null() {
        return 0;
    }
    // SAFETY: made in `cb_init`; the host forgets it after this call.
    let context = unsafe { Box::from_raw(context.cast::<Context>()) };
    _ = catch_unwind(AssertUnwindSafe(|| {
        let text = Totals::of(context.weir.stream.guard()).to_json();
        let counts = context.weir.counts;
        context.host.log(
            if context.weir.stream.guard().panics() > 0 { Severity::Warn } else { Severity::Info },
            &format!(
                "records in {}, out {}, stubs dropped {}, broken chunks {}, without their rest {}",
                counts.records_in,
                counts.records_out,
                counts.stubs_dropped,
                counts.broken_chunks,
                context.weir.stream.waiting(),
            ),
        );
        context.host.log(Severity::Info, &text);
    }));
    0
}
