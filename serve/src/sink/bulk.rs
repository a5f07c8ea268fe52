//! The `_bulk` interface of Elasticsearch and OpenSearch.
//!
//! Each document is created under its own id, so sending it again changes nothing: the server says
//! 409, already there. A data stream checks that within its newest backing index only; around a
//! rollover one batch may be in both. What becomes of a document:
//!
//! | answer | what happens |
//! | --- | --- |
//! | 200, 201 | delivered |
//! | 409 | already there |
//! | 429, 503 | tried again until it works |
//! | other 5xx | tried again a few times, then dead letter |
//! | other 4xx | dead letter |
//! | none, or one that is not understood | the whole request again until it works |
//! | 400 or 413 for the request | halves of it; a single document becomes a dead letter |
//! | 401, 403, 404 and any other for the request | the whole request again until it works |

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use ureq::Agent;
use ureq::http::HeaderValue;

use super::dead_letter::{DeadLetter, Refused};
use super::{Fail, Retry, Sink, http};
use crate::Error;
use crate::metrics::Counters;
use crate::record::Documents;

const REQUEST: Duration = Duration::from_secs(120);
/// Largest answer that is read.
const ANSWER: u64 = 64 << 20;
/// Attempts for a document that the server fails on.
const ATTEMPTS: u8 = 5;
/// All that is read of an answer. Explanations quote documents; they are not asked for.
const ONLY: &str = "filter_path=items.create.status,items.create.error.type";

/// How the sink logs in.
#[derive(Clone)]
pub struct Credentials(pub(crate) HeaderValue);

impl Credentials {
    /// Reads `ApiKey …`, `Bearer …`, `Basic …` or `user:password`; blanks around it are not part
    /// of it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let ready = ["ApiKey ", "Bearer ", "Basic "].iter().any(|kind| text.starts_with(kind));
        let value = if ready {
            text.to_owned()
        } else if text.contains(':') {
            format!("Basic {}", STANDARD.encode(text))
        } else {
            return Err("is none of `ApiKey …`, `Bearer …`, `Basic …`, `user:password`");
        };
        let mut value =
            HeaderValue::from_str(&value).map_err(|_| "holds bytes that no header may")?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

/// What the sink for Elasticsearch and OpenSearch needs besides the URL.
#[derive(Clone)]
pub struct Index {
    /// Index or data stream.
    pub name: String,
    /// Authorities (PEM) for the server's certificate, instead of the public ones.
    pub ca: Option<PathBuf>,
    /// How to log in.
    pub credentials: Option<Credentials>,
    /// File for documents that are refused for good.
    pub dead_letter: PathBuf,
}

pub(super) struct Bulk {
    agent: Agent,
    url: String,
    credentials: Option<HeaderValue>,
    dead: DeadLetter,
    counters: Arc<Counters>,
    body: Vec<u8>,
}

/// One document of the lines under way.
struct Document {
    range: Range<usize>,
    id: String,
    failed: u8,
}

/// What came of one request.
enum Answer {
    /// One item for each document, in their order.
    Items(Vec<Outcome>),
    /// The server does not take a request such as this.
    Unfit(u16),
    /// Word for the metrics and text.
    Failed(&'static str, String),
}

#[derive(Deserialize)]
struct Items {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    create: Outcome,
}

#[derive(Deserialize)]
struct Outcome {
    status: u16,
    error: Option<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    r#type: String,
}

impl Bulk {
    pub(super) fn open(url: &str, index: &Index, counters: Arc<Counters>) -> Result<Self, Error> {
        let name = &index.name;
        let fits =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        if name.is_empty() || !name.bytes().all(fits) || name.starts_with(['.', '_', '-']) {
            return Err(Error::Other("the name of the index must be of a-z 0-9 . _ -".into()));
        }
        let credentials = http::authorization(index.credentials.as_ref(), url)?;
        Ok(Self {
            agent: http::agent(index.ca.as_deref(), REQUEST)?,
            url: format!("{url}/{name}/_bulk?{ONLY}"),
            credentials,
            dead: DeadLetter::open(&index.dead_letter)?,
            counters,
            body: Vec::new(),
        })
    }

    fn send(&mut self, lines: &[u8], documents: &[Document]) -> Answer {
        self.body.clear();
        for Document { range, id, .. } in documents {
            let head = match id.as_str() {
                "" => "{\"create\":{}}\n".to_owned(),
                id => format!("{{\"create\":{{\"_id\":\"{id}\"}}}}\n"),
            };
            self.body.extend_from_slice(head.as_bytes());
            self.body.extend_from_slice(&lines[range.clone()]);
            self.body.push(b'\n');
        }
        let mut request = self.agent.post(&self.url).header("content-type", "application/x-ndjson");
        if let Some(credentials) = &self.credentials {
            request = request.header("authorization", credentials);
        }
        let mut answer = match request.send(&self.body[..]) {
            Ok(answer) => answer,
            Err(error) => return Answer::Failed("connection", format!("no answer: {error}")),
        };
        let status = answer.status().as_u16();
        match status {
            200 => {}
            400 | 413 => return Answer::Unfit(status),
            401 | 403 => return Answer::Failed("credentials", format!("not let in ({status})")),
            429 => return Answer::Failed("busy", "the server is busy (429)".into()),
            500.. => return Answer::Failed("server", format!("the server failed ({status})")),
            _ => return Answer::Failed("status", format!("unexpected answer ({status})")),
        }
        let body = answer.body_mut().with_config().limit(ANSWER).read_to_vec();
        let unreadable = || Answer::Failed("answer", "the answer cannot be read".into());
        let Ok(body) = body else { return unreadable() };
        match serde_json::from_slice::<Items>(&body) {
            Ok(Items { items }) if items.len() == documents.len() => {
                Answer::Items(items.into_iter().map(|item| item.create).collect())
            }
            _ => unreadable(),
        }
    }

    /// Sorts documents by what became of them; returns those to send again.
    fn sort(
        &self,
        lines: &[u8],
        documents: Vec<Document>,
        outcomes: &[Outcome],
        retry: &mut Retry,
    ) -> Result<Vec<Document>, Fail> {
        let (mut delivered, mut there) = (0, 0);
        let (mut again, mut refused) = (Vec::new(), Vec::new());
        for (mut document, outcome) in documents.into_iter().zip(outcomes) {
            match outcome.status {
                200 | 201 => delivered += 1,
                409 => there += 1,
                429 | 503 => again.push(document),
                500.. if document.failed + 1 < ATTEMPTS => {
                    document.failed += 1;
                    again.push(document);
                }
                _ => refused.push((document, outcome)),
            }
        }
        self.counters.count("delivered", delivered);
        self.counters.count("already_there", there);
        if !refused.is_empty() {
            let refused: Vec<_> = refused
                .iter()
                .map(|(document, outcome)| Refused {
                    id: &document.id,
                    status: outcome.status,
                    reason: outcome.error.as_ref().map_or("unknown", |error| word(&error.r#type)),
                    document: &lines[document.range.clone()],
                })
                .collect();
            self.dead.keep(&refused, retry)?;
            self.counters.count("dead_letter", refused.len() as u64);
        }
        Ok(again)
    }
}

impl Sink for Bulk {
    fn deliver(&mut self, lines: &Documents, retry: &mut Retry) -> Result<(), Fail> {
        let each = lines.each.iter().cloned();
        let documents: Vec<_> = each.map(|(range, id)| Document { range, id, failed: 0 }).collect();
        let lines = &lines.text[..];
        // The next request is the last one here.
        let mut requests = vec![documents];
        while let Some(mut documents) = requests.pop() {
            if documents.is_empty() {
                continue;
            }
            match self.send(lines, &documents) {
                Answer::Items(outcomes) => {
                    let all = documents.len();
                    let again = self.sort(lines, documents, &outcomes, retry)?;
                    if again.len() < all {
                        retry.progress();
                    }
                    if !again.is_empty() {
                        retry.pause("items", "the server put some documents off")?;
                        requests.push(again);
                    }
                }
                Answer::Unfit(_) if documents.len() > 1 => {
                    let rest = documents.split_off(documents.len() / 2);
                    requests.push(rest);
                    requests.push(documents);
                }
                Answer::Unfit(status) => {
                    let error = Some(Reason { r#type: "request_refused".into() });
                    self.sort(lines, documents, &[Outcome { status, error }], retry)?;
                }
                Answer::Failed(kind, why) => {
                    retry.pause(kind, why)?;
                    requests.push(documents);
                }
            }
        }
        Ok(())
    }
}

/// The server's word for a reason, if that is what it looks like.
fn word(reason: &str) -> &str {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if reason.len() <= 100 && reason.bytes().all(fits) { reason } else { "unknown" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_each_form() {
        let header = |text| Credentials::parse(text).map(|one| one.0.to_str().unwrap().to_owned());
        assert_eq!(header("ApiKey abc=\n"), Ok("ApiKey abc=".into()));
        assert_eq!(header("elastic:a:b"), Ok("Basic ZWxhc3RpYzphOmI=".into()));
        assert!(header("abc").is_err());
        assert!(header("Bearer a\nb").is_err());
    }
}
