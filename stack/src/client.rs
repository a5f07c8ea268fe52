//! The few requests of the REST API that are needed, as JSON.

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

/// A connection to one server.
pub struct Client {
    agent: Agent,
    url: String,
}

/// A request that got no answer of the expected kind.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server could not be reached, or the answer was no HTTP.
    #[error("{request}: {source}")]
    Http {
        /// Method and path.
        request: String,
        /// What went wrong.
        source: Box<ureq::Error>,
    },
    /// The answer was no JSON.
    #[error("{request}: {source}")]
    Json {
        /// Method and path.
        request: String,
        /// What went wrong.
        source: serde_json::Error,
    },
    /// The server refused.
    #[error("{request}: {status}: {answer}")]
    Refused {
        /// Method and path.
        request: String,
        /// HTTP status.
        status: u16,
        /// What the server said.
        answer: Value,
    },
}

impl Client {
    /// Talks to the server at `url`, which has no `/` at the end.
    pub fn new(url: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).build();
        Self { agent: config.into(), url: url.to_owned() }
    }

    /// Sends one request; gives the status and the answer whatever the status.
    ///
    /// `body` is JSON, or NDJSON for `_bulk`.
    pub fn send(&self, method: &str, path: &str, body: &str) -> Result<(u16, Value), Error> {
        let request = || format!("{method} {path}");
        let http = |source| Error::Http { request: request(), source: Box::new(source) };
        let built = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .body(body.to_owned())
            .map_err(|error| http(error.into()))?;
        let mut response = self.agent.run(built).map_err(http)?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(1 << 30).read_to_string();
        let body = body.map_err(http)?;
        let answer = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&body)
                .map_err(|source| Error::Json { request: request(), source })?
        };
        Ok((status, answer))
    }

    /// Sends one request; any status but 2xx is an error.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Error> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, answer) = self.send(method, path, &body)?;
        if (200..300).contains(&status) {
            Ok(answer)
        } else {
            Err(Error::Refused { request: format!("{method} {path}"), status, answer })
        }
    }

    /// Sends documents to an index or data stream by `_bulk`, each with `create`, in portions.
    ///
    /// `documents` are ids, for those that have one, and lines of JSON.
    pub fn bulk<'d>(
        &self,
        index: &str,
        documents: impl IntoIterator<Item = (Option<&'d str>, &'d str)>,
    ) -> Result<Bulk, Error> {
        let mut bulk = Bulk::default();
        let mut body = String::new();
        for (id, line) in documents {
            let action = match id {
                Some(id) => json!({"create": {"_id": id}}),
                None => json!({"create": {}}),
            };
            body.push_str(&format!("{action}\n{line}\n"));
            if body.len() > PORTION {
                self.portion(index, &mut body, &mut bulk)?;
            }
        }
        if !body.is_empty() {
            self.portion(index, &mut body, &mut bulk)?;
        }
        Ok(bulk)
    }

    fn portion(&self, index: &str, body: &mut String, bulk: &mut Bulk) -> Result<(), Error> {
        let request = format!("/{index}/_bulk");
        let (status, answer) = self.send("POST", &request, body)?;
        body.clear();
        let Some(items) = answer["items"].as_array() else {
            return Err(Error::Refused { request, status, answer });
        };
        for item in items {
            let item = &item["create"];
            match item["status"].as_u64() {
                Some(200 | 201) => bulk.created += 1,
                Some(409) => bulk.conflicts += 1,
                _ => bulk.rejected.push(item["error"].to_string()),
            }
        }
        Ok(())
    }
}

/// About the most bytes of one bulk request.
const PORTION: usize = 4 << 20;

/// What became of the documents of [`Client::bulk`].
#[derive(Debug, Default)]
pub struct Bulk {
    /// Stored.
    pub created: usize,
    /// 409: there was a document with this id.
    pub conflicts: usize,
    /// The errors of all others.
    pub rejected: Vec<String>,
}
