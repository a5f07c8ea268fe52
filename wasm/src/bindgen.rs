//! JavaScript class `Filter`, for Node, bundlers and browsers. The manual is `npm/README.md`.

use auditweir::Format;
use auditweir_shell::{Setup, Source, Stream, Totals, format};
use js_sys::{Error, JSON, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

macro_rules! types {
    ($($(#[$doc:meta])* $([$when:meta])? $variant:ident $name:ident $about:literal;)+) => {
        concat!(
            "/** An output format: */\nexport type Format =",
            $("\n  /** ", $about, " */\n  | \"", stringify!($name), "\"",)+
            r#";

/** How a filter is set up besides its policy. Unknown members are errors. */
export interface FilterOptions {
  /** The output format; `native` by default. */
  format?: Format;
  /**
   * Key of the `pseudonym` action, at least 16 bytes. A string counts as UTF-8. White space at its
   * end is no part of it.
   */
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
  /** Of `events`: those that a log service cut off, with what stood before the cut. */
  cut: number;
  /** Of what was dropped: lines of other programs, which no policy asked to drop. */
  foreign: number;
  /** What was dropped, by reason. */
  dropped: Record<string, number>;
  /** Why there were stubs and rejects. */
  reasons: Record<string, number>;
  /** Values taken out, by rule. */
  redactions: Record<string, number>;
  /** Always 0 here: a fault throws, and the filter cannot be used any more. */
  panics: number;
}

/** What the constructor throws. */
export interface FilterError extends Error {
  code: "AUDITWEIR_POLICY" | "AUDITWEIR_OPTION";
}
"#
        )
    };
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = auditweir::each_format!(types);

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
    stream: Stream,
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
            None => (None, None),
        };
        let setup = Setup {
            policy: policy.as_ref().map(|text| Source::bytes("policy", text.as_bytes())),
            key: key.as_ref().map(|key| Source::bytes("pseudonymKey", key)),
            format,
        };
        let ready = setup.ready().map_err(|error| fail("AUDITWEIR_POLICY", &error.to_string()))?;
        Ok(Self { stream: Stream::new(ready), out: Vec::new() })
    }

    /// Processes one line or record: an event, or an envelope around events. Returns one line of
    /// JSON, ended by a newline, per event that goes on. Never throws: what cannot be read or
    /// judged becomes a stub. A line that a container runtime split is answered with its last part.
    pub fn apply(&mut self, input: &[u8]) -> Uint8Array {
        self.out.clear();
        self.stream.line(b"", input, &mut self.out);
        self.answer()
    }

    /// Processes what still waits for its rest, when no more lines will come; as `apply`.
    pub fn finish(&mut self) -> Uint8Array {
        self.out.clear();
        self.stream.finish(&mut self.out);
        self.answer()
    }

    /// As `apply`, for text; one string per event that goes on, without newline.
    #[wasm_bindgen(js_name = applyText)]
    pub fn apply_text(&mut self, input: &str) -> Vec<String> {
        self.out.clear();
        self.stream.line(b"", input.as_bytes(), &mut self.out);
        self.out
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect()
    }

    /// Totals since the filter was made.
    pub fn stats(&self) -> FilterStats {
        let totals = Totals::of(self.stream.guard()).to_json();
        JSON::parse(&totals).unwrap_or(JsValue::UNDEFINED).unchecked_into()
    }

    fn answer(&mut self) -> Uint8Array {
        let bytes = Uint8Array::from(self.out.as_slice());
        if self.out.capacity() > 1 << 20 {
            self.out = Vec::new();
        }
        bytes
    }
}

type Options = (Option<Format>, Option<Vec<u8>>);

fn read(options: &JsValue) -> Result<Options, Error> {
    let bad = |message: &str| fail("AUDITWEIR_OPTION", message);
    if !options.is_object() {
        return Err(bad("options: must be an object"));
    }
    let (mut format, mut key) = (None, None);
    for name in Reflect::own_keys(options).unwrap_or_default() {
        let value = Reflect::get(options, &name).unwrap_or(JsValue::UNDEFINED);
        if value.is_undefined() {
            continue;
        }
        match name.as_string().as_deref() {
            Some("format") => {
                let name = value.as_string().unwrap_or_default();
                let known = format::named("options.format", &name);
                format = Some(known.map_err(|error| bad(&error.to_string()))?);
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
