//! The cluster at the end: whether the event is there.

use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::event::Event;

/// An index of Elasticsearch or OpenSearch, as the configuration has it.
#[cfg_attr(
    not(feature = "serve"),
    expect(dead_code, reason = "only a build that can ask an index has a use for its secrets")
)]
pub(super) struct Sink {
    /// Scheme, host and port.
    pub(super) url: String,
    pub(super) index: String,
    /// Value of the header `Authorization`.
    pub(super) authorization: Option<String>,
    pub(super) ca: Option<PathBuf>,
}

/// What a sink answers.
pub(super) enum Found {
    /// As text.
    Document(String),
    /// Not yet; the trouble, if it is one.
    Not(String),
    /// It may not be asked; the status.
    #[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "nothing asks an index"))]
    Unreadable(u16),
}

impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.url, self.index)
    }
}

/// The header of a user and password.
pub(super) fn basic(user: &str, password: &str) -> Option<String> {
    (!user.is_empty()).then(|| format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

impl Sink {
    /// Looks for the event, in every format's place of its auditID.
    #[cfg(feature = "serve")]
    pub(super) fn look(&self, event: &Event) -> Found {
        use serde_json::{Value, json};

        let agent =
            match auditweir_serve::client(self.ca.as_deref(), std::time::Duration::from_secs(10)) {
                Ok(agent) => agent,
                Err(error) => return Found::Not(error.to_string()),
            };
        let ask = |path: &str, body: &str| -> Result<(u16, Value), String> {
            let mut request = agent
                .post(format!("{}/{}/{path}", self.url, self.index))
                .header("Content-Type", "application/json");
            if let Some(authorization) = &self.authorization {
                request = request.header("Authorization", authorization);
            }
            let mut answer = request.send(body).map_err(|error| error.to_string())?;
            let status = answer.status().as_u16();
            let text = answer.body_mut().read_to_string().unwrap_or_default();
            Ok((status, serde_json::from_str(&text).unwrap_or_default()))
        };
        // Findable at once, where that is allowed.
        _ = ask("_refresh", "");
        let places = ["event.id", "kubernetes.audit.auditID", "auditID", "auditID.keyword"];
        let terms: Vec<_> =
            places.iter().map(|place| json!({"term": {*place: event.name()}})).collect();
        let query = json!({"size": 1, "query": {"bool": {"should": terms}}});
        match ask("_search", &query.to_string()) {
            Ok((status @ (401 | 403), _)) => Found::Unreadable(status),
            // No index yet.
            Ok((404, _)) => Found::Not(String::new()),
            Ok((200, answer)) => match answer["hits"]["hits"].get(0) {
                Some(hit) => Found::Document(hit["_source"].to_string()),
                None => Found::Not(String::new()),
            },
            Ok((status, answer)) => Found::Not(format!(
                "HTTP {status} {}",
                answer["error"]["type"].as_str().unwrap_or("")
            )),
            Err(error) => Found::Not(format!("{}: {error}", self.url)),
        }
    }

    /// Only a build with `serve` has a client.
    #[cfg(not(feature = "serve"))]
    pub(super) fn look(&self, _event: &Event) -> Found {
        Found::Not(
            "this build has no HTTP client: --sink-check off, or cargo install --path cli".into(),
        )
    }
}
