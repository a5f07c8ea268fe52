//! Filters as handles.
#![allow(non_camel_case_types, reason = "names as C sees them")]

use std::ffi::{CString, c_char};
use std::mem::size_of;
use std::sync::Arc;

use auditweir::LineKind;
use auditweir_shell::{Counts, LAST_RESORT, Mark, Ready, Stream, Totals, format};

use crate::arguments::bytes;
use crate::policy::auditweir_policy;
use crate::status::{auditweir_status, c_string, entry};

/// A filter: scratch memory, counters and the buffers it lends out. One thread at a time; make one
/// per thread from a shared policy. It may move between threads.
pub struct auditweir_filter {
    stream: Stream,
    output: Vec<u8>,
    stats: String,
    error: CString,
}

const _: () = {
    const fn movable<T: Send>() {}
    movable::<auditweir_filter>();
};

/// What one call did. Lines in the output = events + stubs + rejected.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct auditweir_verdict {
    /// Set by the caller to sizeof(auditweir_verdict) before the call; members beyond it are not
    /// written, so that later versions can add some.
    pub size: u32,
    /// Always 0.
    pub reserved: u32,
    /// Events written whole, after redaction.
    pub events: u64,
    /// Events written as a stub, because they could not be processed safely.
    pub stubs: u64,
    /// Inputs that no API server can have written, each answered by one stub that says so.
    pub rejected: u64,
    /// Events dropped because the policy says so.
    pub dropped: u64,
    /// Values taken out.
    pub redactions: u64,
}

/// What stands in a line of the output.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "made from numbers by C")]
pub enum auditweir_line_kind {
    /// An event, whole but for what was taken out.
    Event = 0,
    /// A stub: the event could not be processed safely.
    Stub = 1,
    /// A stub for what no API server can have written.
    Rejected = 2,
}

/// One line of the output. See `auditweir_filter_line`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct auditweir_line {
    /// Set by the caller to sizeof(auditweir_line) before the call; members beyond it are not
    /// written, so that later versions can add some.
    pub size: u32,
    /// What stands in it.
    pub kind: auditweir_line_kind,
    /// The line, the newline at its end included: a part of the output.
    pub bytes: *const u8,
    /// Its length in bytes.
    pub len: usize,
    /// Why there is a stub, such as "json-unexpected-end"; not NUL-terminated, never freed. NULL
    /// for an event.
    pub reason: *const u8,
    /// Length of the reason in bytes.
    pub reason_len: usize,
    /// Byte of the input that the reason refers to; -1 if none.
    pub offset: i64,
    /// Values taken out.
    pub redactions: u64,
    /// The document id: 32 hex digits, the same in every format and for the same event whenever it
    /// comes, and a NUL.
    pub id: [u8; 33],
}

/// The number of an output format, for hosts that are told its name.
///
/// @param name    `len` bytes such as "native", borrowed for the call.
/// @param format  Receives an `auditweir_format`; 0 on failure.
/// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT, _INVALID_ARGUMENT.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_format_named(
    name: *const u8,
    len: usize,
    format: *mut i32,
) -> auditweir_status {
    entry(|| {
        if format.is_null() {
            return Err(auditweir_status::NullArgument);
        }
        // SAFETY: not NULL, so writable by contract.
        unsafe { format.write(0) };
        // SAFETY: readable for the call by contract.
        let name = str::from_utf8(unsafe { bytes(name, len) }?).unwrap_or_default();
        let known = format::named("format", name).map_err(|_| auditweir_status::InvalidArgument)?;
        // SAFETY: as above.
        unsafe { format.write(i32::from(format::number(known))) };
        Ok(())
    })
}

/// Makes a filter.
///
/// @param policy  Borrowed for the call; the filter keeps its own reference.
/// @param format  An `auditweir_format`.
/// @param filter  Receives the filter, to be freed with `auditweir_filter_free`; NULL on failure.
/// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT, _INVALID_ARGUMENT.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_filter_new(
    policy: *const auditweir_policy,
    format: i32,
    filter: *mut *mut auditweir_filter,
) -> auditweir_status {
    entry(|| {
        if filter.is_null() {
            return Err(auditweir_status::NullArgument);
        }
        // SAFETY: not NULL, so writable by contract.
        unsafe { filter.write(std::ptr::null_mut()) };
        // SAFETY: NULL or valid by contract.
        let policy = unsafe { policy.as_ref() }.ok_or(auditweir_status::NullArgument)?;
        let format = format::numbered("format", format.into())
            .map_err(|_| auditweir_status::InvalidArgument)?;
        let policy = Arc::clone(&policy.compiled);
        let handle = Box::new(auditweir_filter {
            stream: crate::stream(Ready { policy, format }).marking(),
            output: Vec::new(),
            stats: String::new(),
            error: CString::default(),
        });
        // SAFETY: as above.
        unsafe { filter.write(Box::into_raw(handle)) };
        Ok(())
    })
}

/// Processes one line of an audit log, bare or in a shipper's wrapper, or one record such as an
/// EventList. Line breaks inside are white space. No newline at the end is needed.
///
/// Never lets raw input through: what cannot be read or judged becomes a stub. Blank input gives
/// no output. The parts of a line that a container runtime split (CRI, docker) give no output until
/// the last has come: lines of one filter are those of one log, in order; for several logs see
/// `auditweir_filter_apply_from`, for the end `auditweir_filter_finish`.
///
/// @param input       `len` bytes, borrowed for the call; any bytes, UTF-8 or not. (NULL, 0) is
///                    empty.
/// @param output      Receives a pointer to the output: one line of JSON, ended by a newline, per
///                    event that goes on. Owned by the filter, valid until the next call with this
///                    filter; not NUL-terminated; never NULL on AUDITWEIR_STATUS_OK and _PANIC.
/// @param output_len  Receives its length in bytes; 0 if nothing goes on.
/// @param verdict     NULL, or receives what was done; set its `size` before.
/// @return AUDITWEIR_STATUS_OK; _PANIC and _POISONED, with output as described at these codes;
///         _NULL_ARGUMENT and _INVALID_ARGUMENT, with an empty output.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_filter_apply(
    filter: *mut auditweir_filter,
    input: *const u8,
    len: usize,
    output: *mut *const u8,
    output_len: *mut usize,
    verdict: *mut auditweir_verdict,
) -> auditweir_status {
    // SAFETY: the same contract.
    unsafe {
        run(filter, (output, output_len), verdict, |stream, out| {
            Ok(stream.line(b"", bytes(input, len)?, out))
        })
    }
}

/// Like `auditweir_filter_apply`, for a line of one of several logs.
///
/// @param source  `source_len` bytes that name the log, such as a path or a tag; the parts of a
///                line are looked for among lines of the same name.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_filter_apply_from(
    filter: *mut auditweir_filter,
    source: *const u8,
    source_len: usize,
    input: *const u8,
    len: usize,
    output: *mut *const u8,
    output_len: *mut usize,
    verdict: *mut auditweir_verdict,
) -> auditweir_status {
    // SAFETY: the same contract.
    unsafe {
        run(filter, (output, output_len), verdict, |stream, out| {
            Ok(stream.line(bytes(source, source_len)?, bytes(input, len)?, out))
        })
    }
}

/// Like `auditweir_filter_apply` for any number of lines at once (NDJSON): each line of `input` is
/// one record. The last needs no newline. Blank lines give nothing.
///
/// A status of AUDITWEIR_STATUS_PANIC says that at least one line was answered by a stub because
/// of a fault; all other lines were served.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_filter_apply_lines(
    filter: *mut auditweir_filter,
    input: *const u8,
    len: usize,
    output: *mut *const u8,
    output_len: *mut usize,
    verdict: *mut auditweir_verdict,
) -> auditweir_status {
    // SAFETY: the same contract.
    unsafe {
        run(filter, (output, output_len), verdict, |stream, out| {
            Ok(stream.text(b"", bytes(input, len)?, out))
        })
    }
}

/// Processes what still waits for its rest, when no more lines will come. Output and verdict as in
/// `auditweir_filter_apply`.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_filter_finish(
    filter: *mut auditweir_filter,
    output: *mut *const u8,
    output_len: *mut usize,
    verdict: *mut auditweir_verdict,
) -> auditweir_status {
    // SAFETY: the same contract.
    unsafe { run(filter, (output, output_len), verdict, |stream, out| Ok(stream.finish(out))) }
}

/// One line of the last output of this filter: what stands in it, and its document id, so that no
/// host need read it again.
///
/// @param index  Which line, from 0; there are events + stubs + rejected of the verdict.
/// @param line   Receives what is known of it; set its `size` before. What it points to belongs to
///               the filter and is valid as long as the output.
/// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT, _NO_SUCH_LINE.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_filter_line(
    filter: *const auditweir_filter,
    index: usize,
    line: *mut auditweir_line,
) -> auditweir_status {
    entry(|| {
        // SAFETY: NULL or valid by contract.
        let handle = unsafe { filter.as_ref() }.ok_or(auditweir_status::NullArgument)?;
        if line.is_null() {
            return Err(auditweir_status::NullArgument);
        }
        let mark = handle.stream.marks().get(index).ok_or(auditweir_status::NoSuchLine)?;
        let bytes = handle.output.get(mark.range.clone()).ok_or(auditweir_status::NoSuchLine)?;
        // SAFETY: not NULL, so writable for the size it says, by contract.
        unsafe { put(auditweir_line::of(mark, bytes), line) };
        Ok(())
    })
}

/// Output memory kept from call to call; more is given back.
const KEEP: usize = 4 << 20;

unsafe fn run(
    filter: *mut auditweir_filter,
    (output, output_len): (*mut *const u8, *mut usize),
    verdict: *mut auditweir_verdict,
    call: impl FnOnce(&mut Stream, &mut Vec<u8>) -> Result<Counts, auditweir_status>,
) -> auditweir_status {
    let status = entry(|| {
        if output.is_null() || output_len.is_null() {
            return Err(auditweir_status::NullArgument);
        }
        // SAFETY: not NULL, so writable by contract.
        unsafe { (output.write(std::ptr::null()), output_len.write(0)) };
        // SAFETY: NULL or valid and used by this thread alone, by contract.
        let handle = unsafe { filter.as_mut() }.ok_or(auditweir_status::NullArgument)?;
        let auditweir_filter { stream, output: out, error, .. } = handle;
        if out.capacity() > KEEP && out.len() <= KEEP {
            *out = Vec::new();
        }
        out.clear();
        stream.unmark();
        let counts = call(stream, out)?;
        // SAFETY: as above.
        unsafe { (output.write(out.as_ptr()), output_len.write(out.len())) };
        // SAFETY: NULL or writable for the size it says, by contract.
        unsafe { put(auditweir_verdict::from(counts), verdict) };
        if counts.faults == 0 {
            if !error.is_empty() {
                *error = CString::default();
            }
            return Ok(());
        }
        let guard = stream.guard();
        *error = c_string(&format!("internal error at {}", guard.place()));
        Err(if guard.is_poisoned() { auditweir_status::Poisoned } else { auditweir_status::Panic })
    });
    // SAFETY: not NULL, so the closure wrote it, by contract.
    if status == auditweir_status::Panic && unsafe { (*output).is_null() } {
        // A panic outside the guard: nothing of the output can be relied on.
        // SAFETY: not NULL, because the closure fails before it can panic otherwise.
        unsafe { (output.write(LAST_RESORT.as_ptr()), output_len.write(LAST_RESORT.len())) };
        // SAFETY: NULL or valid and used by this thread alone, by contract.
        if let Some(handle) = unsafe { filter.as_mut() } {
            handle.stream.unmark();
        }
    }
    status
}

impl From<Counts> for auditweir_verdict {
    fn from(counts: Counts) -> Self {
        Self {
            size: 0,
            reserved: 0,
            events: counts.events,
            stubs: counts.stubs,
            rejected: counts.rejected,
            dropped: counts.dropped,
            redactions: counts.redactions,
        }
    }
}

impl auditweir_line {
    fn of(mark: &Mark, bytes: &[u8]) -> Self {
        let (kind, offset) = match mark.kind {
            LineKind::Stub { offset, .. } => (auditweir_line_kind::Stub, offset),
            LineKind::Rejected { offset, .. } => (auditweir_line_kind::Rejected, offset),
            _ => (auditweir_line_kind::Event, None),
        };
        let reason = mark.kind.reason().map(auditweir::Reason::as_str);
        let mut id = [0; 33];
        id[..32].copy_from_slice(&mark.id);
        Self {
            size: 0,
            kind,
            bytes: bytes.as_ptr(),
            len: bytes.len(),
            reason: reason.map_or(std::ptr::null(), str::as_ptr),
            reason_len: reason.map_or(0, str::len),
            offset: offset.map_or(-1, i64::from),
            redactions: mark.redactions.into(),
            id,
        }
    }
}

/// Copies as much as the caller's struct holds.
///
/// # Safety
/// `T` begins with its `size`; `to` is NULL or writable for as many bytes as its own says.
unsafe fn put<T: Copy>(from: T, to: *mut T) {
    if to.is_null() {
        return;
    }
    // SAFETY: not NULL, so at least `size` is readable, by the caller's word.
    let known = unsafe { to.cast::<u32>().read() };
    let size = (known as usize).min(size_of::<T>());
    // SAFETY: the caller's struct has `size` bytes by its own word, ours has at least as many, and
    // both begin with `size`, which stays as the caller set it.
    unsafe {
        std::ptr::copy_nonoverlapping((&raw const from).cast::<u8>(), to.cast(), size);
        to.cast::<u32>().write(known);
    }
}

/// Totals since the filter was made, as one JSON object:
///
/// {"inputs":N,"bytesIn":N,"bytesOut":N,"events":N,"stubs":N,"rejected":N,"cut":N,
/// "foreign":N,"dropped":{REASON:N},"reasons":{REASON:N},"redactions":{RULE:N},"panics":N}
///
/// `cut` are events that a log service cut off, `foreign` lines of other programs; `reasons` says why
/// there were stubs and rejects. Nothing in it comes from an event.
///
/// @param json  Receives a pointer to the text: owned by the filter, valid until the next call of
///              this function with it or until it is freed; not NUL-terminated.
/// @param len   Receives its length in bytes.
/// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_filter_stats(
    filter: *mut auditweir_filter,
    json: *mut *const u8,
    len: *mut usize,
) -> auditweir_status {
    entry(|| {
        if json.is_null() || len.is_null() {
            return Err(auditweir_status::NullArgument);
        }
        // SAFETY: not NULL, so writable by contract.
        unsafe { (json.write(std::ptr::null()), len.write(0)) };
        // SAFETY: NULL or valid and used by this thread alone, by contract.
        let handle = unsafe { filter.as_mut() }.ok_or(auditweir_status::NullArgument)?;
        handle.stats = Totals::of(handle.stream.guard()).to_json();
        // SAFETY: as above.
        unsafe { (json.write(handle.stats.as_ptr()), len.write(handle.stats.len())) };
        Ok(())
    })
}

/// What went wrong in the last `auditweir_filter_apply` or `auditweir_filter_apply_lines` of this
/// filter, for a bug report: NUL-terminated text with a place in the library's source, nothing
/// from an event. Empty if nothing went wrong or `filter` is NULL. Owned by the filter, valid until
/// the next call with it.
///
/// # Safety
/// `filter` is NULL or comes from this library and was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_filter_last_error(
    filter: *const auditweir_filter,
) -> *const c_char {
    // SAFETY: NULL or valid by contract.
    unsafe { filter.as_ref() }.map_or(c"".as_ptr(), |handle| handle.error.as_ptr())
}

/// Frees a filter and the buffers it lent out. NULL is allowed and does nothing.
///
/// # Safety
/// `filter` is NULL or comes from this library and was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_filter_free(filter: *mut auditweir_filter) {
    entry(|| {
        if !filter.is_null() {
            // SAFETY: made by `Box::into_raw` in `auditweir_filter_new`, freed once by contract.
            drop(unsafe { Box::from_raw(filter) });
        }
        Ok(())
    });
}
