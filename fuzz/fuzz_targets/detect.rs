#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| auditweir_tests::fuzz::detect(bytes));
