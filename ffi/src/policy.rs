//! Policies as handles.
#![allow(non_camel_case_types, reason = "names as C sees them")]

use std::sync::Arc;

use auditweir::CompiledPolicy;
use auditweir_shell::{SetupError, Source};

use crate::arguments::bytes;
use crate::status::{auditweir_error, auditweir_status, entry};

/// A compiled policy. Immutable but for `auditweir_policy_set_pseudonym_key`; otherwise any number
/// of threads may use it at once. Filters hold their own reference, so it may be freed before them.
pub struct auditweir_policy {
    pub(crate) compiled: Arc<CompiledPolicy>,
}

const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<auditweir_policy>();
};

/// Reads and compiles a policy from YAML or JSON text.
///
/// @param yaml    `len` bytes, borrowed for the call. (NULL, 0) is an empty file, an error.
/// @param policy  Receives the policy, to be freed with `auditweir_policy_free`; NULL on failure.
/// @param error   NULL, or receives the reason on failure, to be freed with
///                `auditweir_error_free`; set to NULL otherwise.
/// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT, _POLICY_NOT_UTF8, _POLICY_INVALID.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_policy_from_yaml(
    yaml: *const u8,
    len: usize,
    policy: *mut *mut auditweir_policy,
    error: *mut *mut auditweir_error,
) -> auditweir_status {
    entry(|| {
        // SAFETY: NULL or writable by contract.
        unsafe { clear(policy, error) }?;
        // SAFETY: readable for the call by contract.
        let yaml = unsafe { bytes(yaml, len) }?;
        let compiled = auditweir_shell::read_policy(Source::bytes("policy", yaml));
        // SAFETY: as above; `policy` was found not NULL by `clear`.
        unsafe { finish(compiled.map(Arc::new), policy, error) }
    })
}

/// The default policy, which needs no file.
///
/// @param policy  Receives the policy, to be freed with `auditweir_policy_free`; NULL on failure.
/// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_policy_default(
    policy: *mut *mut auditweir_policy,
) -> auditweir_status {
    entry(|| {
        let error = std::ptr::null_mut();
        // SAFETY: NULL or writable by contract.
        unsafe { clear(policy, error) }?;
        // SAFETY: `policy` was found not NULL by `clear`.
        unsafe { finish(auditweir_shell::default_policy(), policy, error) }
    })
}

/// Sets the key of the `pseudonym` action. Filters made before keep what they have. No other
/// thread may use this policy during the call.
///
/// @param policy  Changed only on success.
/// @param key     `len` bytes, at least 16; 32 random bytes are right. White space at the end is
///                no part of it, as in every host. Copied.
/// @param error   NULL, or receives the reason on failure, to be freed with
///                `auditweir_error_free`; set to NULL otherwise.
/// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT, _KEY_TOO_SHORT.
///
/// # Safety
/// Pointers are as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_policy_set_pseudonym_key(
    policy: *mut auditweir_policy,
    key: *const u8,
    len: usize,
    error: *mut *mut auditweir_error,
) -> auditweir_status {
    entry(|| {
        if !error.is_null() {
            // SAFETY: not NULL, so writable by contract.
            unsafe { error.write(std::ptr::null_mut()) };
        }
        // SAFETY: NULL or valid and not shared during the call, by contract.
        let policy = unsafe { policy.as_mut() }.ok_or(auditweir_status::NullArgument)?;
        // SAFETY: readable for the call by contract.
        let key = unsafe { bytes(key, len) }?;
        let keyed = auditweir_shell::compile(policy.compiled.policy().clone(), "policy")
            .and_then(|fresh| auditweir_shell::with_key(fresh, "pseudonym key", key));
        match keyed {
            Ok(keyed) => {
                policy.compiled = Arc::new(keyed);
                Ok(())
            }
            Err(why) => {
                // SAFETY: NULL or writable by contract.
                unsafe { auditweir_error::put(error, &why.to_string()) };
                Err(auditweir_status::KeyTooShort)
            }
        }
    })
}

/// Frees a policy. NULL is allowed and does nothing. Filters made from it live on.
///
/// # Safety
/// `policy` is NULL or comes from this library and was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_policy_free(policy: *mut auditweir_policy) {
    entry(|| {
        if !policy.is_null() {
            // SAFETY: made by `Box::into_raw` in `finish`, freed once by contract.
            drop(unsafe { Box::from_raw(policy) });
        }
        Ok(())
    });
}

/// Sets the out parameters to NULL.
unsafe fn clear(
    policy: *mut *mut auditweir_policy,
    error: *mut *mut auditweir_error,
) -> Result<(), auditweir_status> {
    if !error.is_null() {
        // SAFETY: not NULL, so writable by the caller's word.
        unsafe { error.write(std::ptr::null_mut()) };
    }
    if policy.is_null() {
        return Err(auditweir_status::NullArgument);
    }
    // SAFETY: not NULL, so writable by the caller's word.
    unsafe { policy.write(std::ptr::null_mut()) };
    Ok(())
}

/// Hands out what came of compiling. `policy` is not NULL.
unsafe fn finish(
    compiled: Result<Arc<CompiledPolicy>, SetupError>,
    policy: *mut *mut auditweir_policy,
    error: *mut *mut auditweir_error,
) -> Result<(), auditweir_status> {
    match compiled {
        Ok(compiled) => {
            let handle = Box::new(auditweir_policy { compiled });
            // SAFETY: not NULL, so writable by the caller's word.
            unsafe { policy.write(Box::into_raw(handle)) };
            Ok(())
        }
        Err(why) => {
            // SAFETY: NULL or writable by the caller's word.
            unsafe { auditweir_error::put(error, &why.to_string()) };
            Err(match why {
                SetupError::NotUtf8 { .. } => auditweir_status::PolicyNotUtf8,
                _ => auditweir_status::PolicyInvalid,
            })
        }
    }
}
