//! The list of formats.

/// Hands the list of formats to a macro, and what else it is given behind it:
/// `$then! { docs [condition] Variant name "what it is"; … more }`. The condition, if there is one, is
/// the feature of this crate that the format is behind.
///
/// For hosts that need an item for each, such as an exported function. Everything else is in
/// [`Format::ALL`](crate::Format::ALL).
#[macro_export]
macro_rules! each_format {
    ($then:ident $($more:tt)*) => {
        $then! {
            /// The event as it came, minus redactions, plus one `auditweir` object.
            #[default]
            Native native "The event as it came, less what was taken out, plus one `auditweir` member";
            /// Elastic Common Schema 9.4 with the event under `kubernetes.audit`.
            [feature = "ecs"] Ecs ecs "Elastic Common Schema";
            /// Open Cybersecurity Schema Framework 1.8.0, API Activity (class 6003).
            [feature = "ocsf"] Ocsf ocsf "Open Cybersecurity Schema Framework: API Activity";
            /// OpenTelemetry: one OTLP-JSON log export request with one record.
            [feature = "otel"] Otel otel "OpenTelemetry: one OTLP-JSON log request a line";
            $($more)*
        }
    };
}
