//! As Vector's own build: the module finds Lua's functions in the executable.
fn main() {
    println!("cargo:rustc-link-arg-bins=-rdynamic");
}
