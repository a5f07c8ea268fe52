//! What is measured: auditweir doing its whole job, and others doing less.

mod auditweir;
mod dom;
mod skip;
#[cfg(feature = "vrl")]
mod vrl;

use ::auditweir::Format;
use bytes::Bytes;

pub use auditweir::Auditweir;
pub use dom::{SerdeJson, SonicRs};
pub use skip::{JiterSkip, SerdeSkip};
#[cfg(feature = "vrl")]
pub use vrl::Vrl;

/// Something that takes a line and appends its output.
pub trait Engine {
    /// Name in reports.
    fn name(&self) -> &'static str;
    /// Processes one line; what it makes of it is appended to `out`.
    ///
    /// # Panics
    /// When the engine refuses the line: no benchmark measures an error path by accident.
    fn line(&mut self, line: &Bytes, out: &mut Vec<u8>);
}

/// All engines, ours first.
pub fn all() -> Vec<Box<dyn Engine>> {
    vec![
        Box::new(Auditweir::new(Format::Ecs)),
        Box::new(Auditweir::with_rules()),
        Box::new(Auditweir::new(Format::Native)),
        Box::new(Auditweir::new(Format::Ocsf)),
        Box::new(Auditweir::new(Format::Otel)),
        Box::new(SerdeJson),
        Box::new(SonicRs),
        #[cfg(feature = "vrl")]
        Box::new(Vrl::default()),
        Box::new(JiterSkip),
        Box::new(SerdeSkip),
    ]
}

/// The engine of this name.
pub fn named(name: &str) -> Option<Box<dyn Engine>> {
    all().into_iter().find(|engine| engine.name() == name)
}
