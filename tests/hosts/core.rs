//! The library itself.

use auditweir_tests::library::Library;

#[test]
fn cases() {
    super::run(&mut Library);
}
