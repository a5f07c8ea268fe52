//! The synthetic event of one check.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::review::time::rfc3339;

/// A Secret is made, as kube-apiserver would write it. Name and value are of this check alone, so that
/// nothing of an earlier one is found.
pub(in crate::init) struct Event {
    name: String,
    planted: String,
    time: String,
}

impl Event {
    pub(in crate::init) fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let number = format!("{:x}-{:x}", now.as_nanos(), std::process::id());
        Self {
            name: format!("auditweir-check-{number}"),
            planted: format!("auditweir-planted-{number}"),
            time: rfc3339(i64::try_from(now.as_secs()).unwrap_or_default()),
        }
    }

    /// Its auditID, and the name of its object; it must arrive.
    pub(in crate::init) fn name(&self) -> &str {
        &self.name
    }

    /// The value of its Secret; it must not.
    pub(in crate::init) fn planted(&self) -> &str {
        &self.planted
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
                r#""stringData":{{"password":"{planted}"}}}},"#,
                r#""requestReceivedTimestamp":"{time}","stageTimestamp":"{time}"}}"#
            ),
            name = self.name,
            planted = self.planted,
            time = self.time
        )
    }
}
