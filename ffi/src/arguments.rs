//! Pointers from C.

use crate::status::auditweir_status;

/// A slice from pointer and length: (NULL, 0) is empty, (NULL, >0) an error.
///
/// # Safety
/// A pointer that is not NULL has `len` readable bytes that nobody writes during `'a`.
pub(crate) unsafe fn bytes<'a>(ptr: *const u8, len: usize) -> Result<&'a [u8], auditweir_status> {
    match (ptr.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(auditweir_status::NullArgument),
        (false, len) if isize::try_from(len).is_err() => Err(auditweir_status::InvalidArgument),
        // SAFETY: not NULL, a possible length, and readable by the caller's word.
        (false, len) => Ok(unsafe { std::slice::from_raw_parts(ptr, len) }),
    }
}
