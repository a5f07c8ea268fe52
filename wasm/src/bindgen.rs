//! JavaScript class `Filter`, for Node, bundlers and browsers. The manual is `npm/README.md`.

use auditweir::{Format, Stats};
use js_sys::{Error, JSON, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::setup;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** How a filter is set up besides its policy. Unknown members are errors. */
export interface FilterOptions {
  /** Elastic Common Schema (default), the event in its own shape, OCSF, or OTLP-JSON requests. */
  format?: "ecs" | "native" | "ocsf" | "otel";
  /** Key of the `pseudonym` action, at least 16 bytes. A string counts as UTF-8. */
  pseudonymKey?: string | Uint8Array;
}

/** Totals since the filter was made. */
export interface FilterStats {
  /** Calls with anything but blanks. */
  inputs: number;
  bytesIn: number;
  bytesOut: number;
  /** Events written whole, after redaction. */
  events: number;
  /** Events that could not be processed safely and left as a stub. */
  stubs: number;
  /** Inputs that no API server can have written, each answered by a stub. */
  rejected: number;
  /** Events dropped because the policy says so. */
  dropped: number;
}

/** What the constructor throws. */
export interface FilterError extends Error {
  code: "AUDITWEIR_POLICY" | "AUDITWEIR_OPTION";
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript interface of this name.
    #[wasm_bindgen(typescript_type = "FilterOptions")]
    pub type FilterOptions;
    /// See the TypeScript interface of this name.
    #[wasm_bindgen(typescript_type = "FilterStats")]
    pub type FilterStats;
}

/// Cleans Kubernetes audit events.
#[wasm_bindgen]
pub struct Filter {
    filter: auditweir::Filter,
    out: Vec<u8>,
}

#[wasm_bindgen]
impl Filter {
    /// A filter for this policy (YAML or JSON text; none for the default policy).
    ///
    /// Throws a `FilterError` when policy or options cannot be used.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::needless_pass_by_value, reason = "the glue hands values over")]
    pub fn new(policy: Option<String>, options: Option<FilterOptions>) -> Result<Self, Error> {
        let (format, key) = match options {
            Some(options) => read(options.as_ref())?,
            None => (Format::default(), None),
        };
        let policy = setup::policy(policy.as_deref(), key.as_deref())
            .map_err(|error| fail("AUDITWEIR_POLICY", &error.to_string()))?;
        Ok(Self { filter: auditweir::Filter::new(policy, format), out: Vec::new() })
    }

    /// Processes one line or record: an event, or an envelope around events. Returns one line of
    /// JSON, ended by a newline, per event that goes on. Never throws: what cannot be read or
    /// judged becomes a stub.
    pub fn apply(&mut self, input: &[u8]) -> Uint8Array {
        self.out.clear();
        self.filter.apply(input, &mut self.out);
        let bytes = Uint8Array::from(self.out.as_slice());
        if self.out.capacity() > 1 << 20 {
            self.out = Vec::new();
        }
        bytes
    }

    /// As `apply`, for text; one string per event that goes on, without newline.
    #[wasm_bindgen(js_name = applyText)]
    pub fn apply_text(&mut self, input: &str) -> Vec<String> {
        self.out.clear();
        self.filter.apply(input.as_bytes(), &mut self.out);
        self.out
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect()
    }

    /// Totals since the filter was made.
    pub fn stats(&self) -> FilterStats {
        let stats: &Stats = self.filter.stats();
        JSON::parse(&setup::stats(stats, None)).unwrap_or(JsValue::UNDEFINED).unchecked_into()
    }
}

type Options = (Format, Option<Vec<u8>>);

fn read(options: &JsValue) -> Result<Options, Error> {
    let bad = |message: &str| fail("AUDITWEIR_OPTION", message);
    if !options.is_object() {
        return Err(bad("options: must be an object"));
    }
    let (mut format, mut key) = (Format::default(), None);
    for name in Reflect::own_keys(options).unwrap_or_default() {
        let value = Reflect::get(options, &name).unwrap_or(JsValue::UNDEFINED);
        if value.is_undefined() {
            continue;
        }
        match name.as_string().as_deref() {
            Some("format") => {
                let name = value.as_string();
                format = name.and_then(|name| Format::named(&name)).ok_or_else(|| {
                    bad("options.format: must be `ecs`, `native`, `ocsf` or `otel`")
                })?;
            }
            Some("pseudonymKey") => {
                key = match (value.as_string(), value.dyn_ref::<Uint8Array>()) {
                    (Some(text), _) => Some(text.into_bytes()),
                    (None, Some(bytes)) => Some(bytes.to_vec()),
                    _ => return Err(bad("options.pseudonymKey: must be a string or Uint8Array")),
                }
            }
            _ => {
                let name = name.as_string().unwrap_or_default();
                return Err(bad(&format!("options.{name}: no option has this name")));
            }
        }
    }
    Ok((format, key))
}

fn fail(code: &str, message: &str) -> Error {
    let error = Error::new(message);
    // A fresh object takes any member.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error
}
