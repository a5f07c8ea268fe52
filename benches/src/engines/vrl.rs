//! VRL, the language of Vector's `remap` transform.

use bytes::Bytes;
use vrl::compiler::state::RuntimeState;
use vrl::compiler::{Context, Program, TargetValue, TimeZone};
use vrl::value::{KeyString, ObjectMap, Secrets, Value};

use super::Engine;

/// A VRL program that does as much of the same job as VRL can, run the way Vector's `remap`
/// transform runs it: compiled once, the runtime state reused, the line in `.message` without a
/// copy, the result encoded as Vector's JSON codec does.
pub struct Vrl {
    program: Program,
    state: RuntimeState,
    timezone: TimeZone,
}

impl Default for Vrl {
    fn default() -> Self {
        let source = include_str!("../../vrl/audit.vrl");
        let compiled = vrl::compiler::compile(source, &vrl::stdlib::all())
            .unwrap_or_else(|errors| panic!("{}", vrl::diagnostic::Formatter::new(source, errors)));
        Self {
            program: compiled.program,
            state: RuntimeState::default(),
            timezone: TimeZone::default(),
        }
    }
}

impl Engine for Vrl {
    fn name(&self) -> &'static str {
        "vrl program"
    }
    fn line(&mut self, line: &Bytes, out: &mut Vec<u8>) {
        let mut event = ObjectMap::new();
        event.insert(KeyString::from("message"), Value::Bytes(line.clone()));
        let mut target = TargetValue {
            value: Value::Object(event),
            metadata: Value::Object(ObjectMap::new()),
            secrets: Secrets::default(),
        };
        self.state.clear();
        let mut context = Context::new(&mut target, &mut self.state, &self.timezone);
        self.program.resolve(&mut context).expect("vrl");
        serde_json::to_writer(out, &target.value).expect("write");
    }
}
