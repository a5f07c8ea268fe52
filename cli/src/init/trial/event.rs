//! The synthetic event of one check.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use auditweir_shell::time::rfc3339;

/// A Secret is made, as kube-apiserver would write it. Name and values are of this check alone, so that
/// nothing of an earlier one is found.
pub(in crate::init) struct Event {
    name: String,
    /// Under a name that says it is one, which name hints take whatever is done with Secrets.
    hinted: String,
    /// In `data` under an ordinary name, which only what is done with Secrets takes; in base64.
    plain: String,
    time: String,
}

impl Event {
    pub(in crate::init) fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let number = format!("{:x}-{:x}", now.as_nanos(), std::process::id());
        Self {
            name: format!("auditweir-check-{number}"),
            hinted: format!("auditweir-planted-{number}"),
            plain: STANDARD_NO_PAD.encode(format!("auditweir-greeting-{number}")),
            time: rfc3339(i64::try_from(now.as_secs()).unwrap_or_default()),
        }
    }

    /// Its auditID, and the name of its object; it must arrive.
    pub(in crate::init) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a value of its Secret stands in a text, as it was or decoded; none must.
    pub(in crate::init) fn leaks_in(&self, text: &str) -> bool {
        let decoded = STANDARD_NO_PAD.decode(&self.plain).unwrap_or_default();
        [self.hinted.as_bytes(), self.plain.as_bytes(), &decoded]
            .iter()
            .any(|value| memchr::memmem::find(text.as_bytes(), value).is_some())
    }

    pub(in crate::init) fn line(&self) -> String {
        format!(
            concat!(
                r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","#,
                r#""auditID":"{name}","stage":"ResponseComplete","#,
                r#""requestURI":"/api/v1/namespaces/default/secrets","verb":"create","#,
                r#""user":{{"username":"auditweir-check"}},"sourceIPs":["127.0.0.1"],"#,
                r#""objectRef":{{"resource":"secrets","namespace":"default","name":"{name}","apiVersion":"v1"}},"#,
                r#""responseStatus":{{"code":201}},"#,
                r#""requestObject":{{"kind":"Secret","apiVersion":"v1","metadata":{{"name":"{name}"}},"#,
                r#""data":{{"greeting":"{plain}{pad}"}},"stringData":{{"password":"{hinted}"}}}},"#,
                r#""requestReceivedTimestamp":"{time}","stageTimestamp":"{time}"}}"#
            ),
            name = self.name,
            hinted = self.hinted,
            plain = self.plain,
            pad = &"==="[..(4 - self.plain.len() % 4) % 4],
            time = self.time
        )
    }
}
