//! Functions of the Fluent Bit process the filter was loaded into.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::transmute;
use std::ptr;

/// `struct flb_filter_instance`, never looked into: its members change between releases.
#[repr(C)]
pub(super) struct Instance {
    _opaque: [u8; 0],
}

type GetProperty = unsafe extern "C" fn(*const c_char, *mut Instance) -> *const c_char;
type SetContext = unsafe extern "C" fn(*mut Instance, *mut c_void);
type Name = unsafe extern "C" fn(*mut Instance) -> *const c_char;
type Print = unsafe extern "C" fn(c_int, *const c_char, c_int, *const c_char, ...);

/// How serious a line in the log is; numbers of `flb_log.h`.
#[derive(Clone, Copy)]
pub(super) enum Severity {
    Error = 1,
    Warn = 2,
    Info = 3,
}

/// Functions of the host.
#[derive(Clone)]
pub(super) struct Host {
    get_property: GetProperty,
    set_context: SetContext,
    print: Option<Print>,
    /// Name of the filter instance.
    name: CString,
}

/// Address of a function in the process, by name.
fn find(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: dlsym reads a NUL-terminated name and returns an address or NULL.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!address.is_null()).then_some(address)
}

impl Host {
    /// Finds the functions; none if the process is not Fluent Bit.
    ///
    /// # Safety
    /// `instance` comes from Fluent Bit.
    pub(super) unsafe fn new(instance: *mut Instance) -> Option<Self> {
        let get_property = find(c"flb_filter_get_property")?;
        let set_context = find(c"flb_filter_set_context")?;
        let name = find(c"flb_filter_name").map_or_else(CString::default, |name| {
            // SAFETY: the signature has been this one since the function exists (1.8), and the
            // name lives as long as the instance; it is copied.
            unsafe {
                let name = transmute::<*mut c_void, Name>(name)(instance);
                if name.is_null() { CString::default() } else { CStr::from_ptr(name).to_owned() }
            }
        });
        // SAFETY: signatures of flb_filter.h and flb_log.h, the same from 2.2 to 5.1.
        unsafe {
            Some(Self {
                get_property: transmute::<*mut c_void, GetProperty>(get_property),
                set_context: transmute::<*mut c_void, SetContext>(set_context),
                print: find(c"flb_log_print").map(|print| transmute::<*mut c_void, Print>(print)),
                name,
            })
        }
    }

    /// The value of an option of the filter's section.
    ///
    /// # Safety
    /// `instance` comes from Fluent Bit.
    pub(super) unsafe fn option(&self, name: &str, instance: *mut Instance) -> Option<String> {
        let name = CString::new(name).ok()?;
        // SAFETY: reads a NUL-terminated name; the value lives as long as the instance.
        let value = unsafe { (self.get_property)(name.as_ptr(), instance) };
        if value.is_null() {
            return None;
        }
        // SAFETY: not NULL, so a NUL-terminated value.
        Some(unsafe { CStr::from_ptr(value) }.to_string_lossy().into_owned())
    }

    /// Has `context` handed to the other callbacks.
    ///
    /// # Safety
    /// `instance` comes from Fluent Bit.
    pub(super) unsafe fn set_context(&self, instance: *mut Instance, context: *mut c_void) {
        // SAFETY: stores the pointer.
        unsafe { (self.set_context)(instance, context) };
    }

    /// A line in Fluent Bit's log. Lines longer than its buffer are cut there.
    pub(super) fn log(&self, severity: Severity, text: &str) {
        let (Some(print), Ok(text)) = (self.print, CString::new(text)) else { return };
        // SAFETY: a printf-like function with two texts for its two `%s`.
        unsafe {
            print(
                severity as c_int,
                ptr::null(),
                0,
                c"[filter:%s] %s".as_ptr(),
                self.name.as_ptr(),
                text.as_ptr(),
            );
        }
    }
}
