//! A generic webhook: JSON, signed with HMAC-SHA-256.
//!
//! The signature is over the time in `X-Auditweir-Timestamp`, a dot and the body, so that neither can
//! be changed, nor an old request be passed off as a new one.

use auditweir_shell::known::hex;
use auditweir_shell::time::rfc3339_millis;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use ureq::Agent;

use super::{Answer, Channel, Notice, Say, Secrets, Times, post, summary};
use crate::Error;

/// Least bytes of a key.
const KEY: usize = 16;

pub(in super::super) struct Webhook {
    url: String,
    key: String,
}

impl Webhook {
    pub(in super::super) fn new(url: &str, secrets: &Secrets) -> Result<Self, Error> {
        let key = secrets.webhook.clone();
        let key = key.ok_or(Error::Other("webhook needs --webhook-key-file".into()))?;
        if key.len() < KEY {
            return Err(Error::Other(format!("the webhook's key must have at least {KEY} bytes")));
        }
        Ok(Self { url: url.to_owned(), key })
    }
}

impl Channel for Webhook {
    fn send(&self, agent: &Agent, notices: &[Notice], now: i64, _: Times) -> Answer {
        let Some(notice) = notices.first() else { return Answer::Taken };
        let body = body(notice).to_string();
        let seconds = (now / 1000).to_string();
        let headers = [
            ("x-auditweir-timestamp", seconds.as_str()),
            ("x-auditweir-signature", &signature(&self.key, &seconds, body.as_bytes())),
            // One that is sent again has the same.
            ("x-auditweir-id", &format!("{}-{}", notice.group.fingerprint, notice.group.notices)),
        ];
        post(agent, &self.url, &headers, body.as_bytes())
    }
}

/// `sha256=` and the HMAC in hex.
fn signature(key: &str, seconds: &str, body: &[u8]) -> String {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(seconds.as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

fn body(Notice { say, group }: &Notice) -> Value {
    let labels: Map<String, Value> =
        group.labels.each().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    json!({
        "version": 1,
        "status": match say {
            Say::Firing => "firing",
            Say::Resolved => "resolved",
        },
        "fingerprint": group.fingerprint,
        "labels": labels,
        "summary": summary(group),
        "count": group.count,
        "new": group.news(),
        "first": rfc3339_millis(group.first),
        "last": rfc3339_millis(group.last),
        "alert": group.alert,
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    /// `printf '1767323045.{}' | openssl dgst -sha256 -hmac 0123456789abcdef`
    #[test]
    fn a_signature_as_openssl_makes_it() {
        assert_eq!(
            signature("0123456789abcdef", "1767323045", b"{}"),
            "sha256=f4bb6f1d5f8ad3f42ae78cdbcb16bf001ae326eac1178a5d6e615ebd14495445"
        );
    }

    #[test]
    fn the_body_says_what_goes_on() {
        let firing = body(&sample(Say::Firing, "jane"));
        assert_eq!((&firing["status"], &firing["count"]), (&json!("firing"), &json!(2)));
        assert_eq!(firing["alert"]["finding"]["rule"]["intent"], "pod_exec");
        let resolved = body(&sample(Say::Resolved, "jane"));
        assert_eq!(resolved["fingerprint"], firing["fingerprint"]);
    }
}
