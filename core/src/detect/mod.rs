//! temp
pub fn name_hints_secret(name: &[u8]) -> bool { name.windows(8).any(|w| w.eq_ignore_ascii_case(b"password")) }
