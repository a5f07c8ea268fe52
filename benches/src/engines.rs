//! What is measured: auditweir doing its whole job, and others doing less.

use std::sync::Arc;

use auditweir::{Filter, Format, Policy};
use serde::Deserialize;
use vrl::compiler::{Context, Program, TargetValue, TimeZone, state::RuntimeState};
use vrl::value::{KeyString, Secrets, Value};

/// Something that takes a line and appends its output.
pub trait Engine {
    /// Name in reports.
    fn name(&self) -> &'static str;
    /// Processes one line.
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>);
}

/// auditweir with the default policy: parse, redact, enrich, emit.
pub struct Auditweir(&'static str, Filter);

impl Auditweir {
    /// For one output format.
    pub fn new(format: Format) -> Self {
        let name = match format {
            Format::Native => "auditweir native",
            _ => "auditweir ecs",
        };
        let policy = Policy::default().compile().expect("default policy");
        Self(name, Filter::new(Arc::new(policy), format))
    }
}

impl Engine for Auditweir {
    fn name(&self) -> &'static str {
        self.0
    }
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.1.apply(line, out);
    }
}

/// serde_json: parse into a `Value`, write it unchanged.
pub struct SerdeJson;

impl Engine for SerdeJson {
    fn name(&self) -> &'static str {
        "serde_json idle"
    }
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let value: serde_json::Value = serde_json::from_slice(line).expect("json");
        serde_json::to_writer(out, &value).expect("write");
    }
}

/// sonic-rs: parse into a `Value`, write it unchanged.
pub struct SonicRs;

impl Engine for SonicRs {
    fn name(&self) -> &'static str {
        "sonic-rs idle"
    }
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let value: sonic_rs::Value = sonic_rs::from_slice(line).expect("json");
        sonic_rs::to_writer(out, &value).expect("write");
    }
}

/// jiter: skips over the text, checking it, and makes nothing.
pub struct JiterSkip;

impl Engine for JiterSkip {
    fn name(&self) -> &'static str {
        "jiter skip"
    }
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let mut jiter = jiter::Jiter::new(line);
        jiter.next_skip().expect("json");
        jiter.finish().expect("end");
        out.push(b'\n');
    }
}

/// serde_json: skips over the text, checking it, and makes nothing.
pub struct SerdeSkip;

impl Engine for SerdeSkip {
    fn name(&self) -> &'static str {
        "serde_json skip"
    }
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let mut json = serde_json::Deserializer::from_slice(line);
        serde::de::IgnoredAny::deserialize(&mut json).expect("json");
        out.push(b'\n');
    }
}

/// A VRL program that does as much of the same job as VRL can, run the way Vector's `remap`
/// transform runs it: compiled once, the line in `.message`, the result encoded as JSON.
pub struct Vrl {
    program: Program,
    state: RuntimeState,
    timezone: TimeZone,
}

impl Default for Vrl {
    fn default() -> Self {
        let source = include_str!("../vrl/audit.vrl");
        let compiled = vrl::compiler::compile(source, &vrl::stdlib::all())
            .unwrap_or_else(|errors| panic!("audit.vrl: {errors:?}"));
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
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let mut event = vrl::value::ObjectMap::new();
        event.insert(KeyString::from("message"), Value::Bytes(line.to_vec().into()));
        let mut target = TargetValue {
            value: Value::Object(event),
            metadata: Value::Object(vrl::value::ObjectMap::new()),
            secrets: Secrets::default(),
        };
        self.state.clear();
        let mut context = Context::new(&mut target, &mut self.state, &self.timezone);
        self.program.resolve(&mut context).expect("vrl");
        serde_json::to_writer(out, &target.value).expect("write");
    }
}

/// All engines, ours first.
pub fn all() -> Vec<Box<dyn Engine>> {
    vec![
        Box::new(Auditweir::new(Format::Ecs)),
        Box::new(Auditweir::new(Format::Native)),
        Box::new(SerdeJson),
        Box::new(SonicRs),
        Box::new(JiterSkip),
        Box::new(SerdeSkip),
        Box::new(Vrl::default()),
    ]
}
