//! A server with the `_bulk` interface in this process: `create` by document id, and trouble on
//! request.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use super::Random;

/// What the server says to one document; `None`: it is taken.
type Judge = dyn Fn(&Value, u64) -> Option<u16> + Send + Sync;

pub(crate) struct Index {
    pub(crate) url: String,
    state: Arc<State>,
}

struct State {
    documents: Mutex<HashMap<String, Value>>,
    /// Ids that came again after they were taken.
    again: Mutex<u64>,
    /// Paths and `authorization` of all requests.
    requests: Mutex<Vec<(String, String)>>,
    judge: Box<Judge>,
    /// Of a thousand requests, how many get no proper answer.
    trouble: u64,
    /// Largest body in bytes.
    limit: usize,
    seen: Mutex<HashMap<String, u64>>,
    random: Mutex<Random>,
}

impl Index {
    /// A server that takes everything.
    pub(crate) fn start() -> Self {
        Self::with(0, usize::MAX, |_, _| None)
    }

    /// `judge` gets the document and how often it came before.
    pub(crate) fn with(
        trouble: u64,
        limit: usize,
        judge: impl Fn(&Value, u64) -> Option<u16> + Send + Sync + 'static,
    ) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").expect("address"), trouble, limit, judge)
    }

    pub(crate) fn at(
        socket: TcpListener,
        trouble: u64,
        limit: usize,
        judge: impl Fn(&Value, u64) -> Option<u16> + Send + Sync + 'static,
    ) -> Self {
        let url = format!("http://{}", socket.local_addr().expect("address"));
        let state = Arc::new(State {
            documents: Mutex::default(),
            again: Mutex::default(),
            requests: Mutex::default(),
            judge: Box::new(judge),
            trouble,
            limit,
            seen: Mutex::default(),
            random: Mutex::new(Random(0x9e37_79b9_7f4a_7c15)),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in socket.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || while state.request(&stream).is_some() {});
            }
        });
        Self { url, state }
    }

    /// How many documents have each `auditID`.
    pub(crate) fn audit_ids(&self) -> HashMap<String, u64> {
        let mut ids = HashMap::new();
        for document in self.state.documents.lock().unwrap().values() {
            let native = document["auditID"].as_str();
            let id = native.or(document["kubernetes"]["audit"]["auditID"].as_str());
            *ids.entry(id.expect("auditID").to_owned()).or_default() += 1;
        }
        ids
    }

    pub(crate) fn len(&self) -> usize {
        self.state.documents.lock().unwrap().len()
    }

    /// All ids and documents.
    pub(crate) fn documents(&self) -> HashMap<String, Value> {
        self.state.documents.lock().unwrap().clone()
    }

    /// Documents that came again after they were taken.
    pub(crate) fn again(&self) -> u64 {
        *self.state.again.lock().unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        self.state.requests.lock().unwrap().clone()
    }
}

impl State {
    fn request(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let path = line.split(' ').nth(1)?.to_owned();
        let (mut length, mut login, mut zipped) = (0, String::new(), false);
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok()?,
                "authorization" => value.clone_into(&mut login),
                "content-encoding" => zipped = value == "gzip",
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        if zipped {
            let mut whole = Vec::new();
            flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut whole).ok()?;
            body = whole;
        }
        let asked = path.rsplit('/').next().unwrap_or_default().to_owned();
        self.requests.lock().unwrap().push((path, login));
        let trouble = self.random.lock().unwrap().below(1000) < self.trouble;
        let kind = self.random.lock().unwrap().below(4);
        if trouble && kind == 0 {
            // Nothing taken, connection gone.
            return None;
        }
        let (status, answer) = if trouble && kind == 1 {
            ("429 Too Many Requests", "{}".to_owned())
        } else if body.len() > self.limit {
            ("413 Payload Too Large", "{}".to_owned())
        } else {
            let body = std::str::from_utf8(&body).ok()?;
            let answer = match asked.as_str() {
                "_refresh" => "{}".to_owned(),
                "_search" => self.search(body),
                _ => self.bulk(body),
            };
            ("200 OK", answer)
        };
        if trouble && kind == 2 {
            // All taken, but nobody hears of it.
            return None;
        }
        let mut stream = stream;
        write!(stream, "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}", answer.len()).ok()
    }

    /// The first document that has one of the terms, which name members by dotted paths.
    fn search(&self, body: &str) -> String {
        let query: Value = serde_json::from_str(body).expect("query");
        let terms = query["query"]["bool"]["should"].as_array().expect("terms").iter();
        let terms: Vec<(String, &Value)> = terms
            .flat_map(|term| term["term"].as_object().expect("term"))
            .map(|(path, value)| (format!("/{}", path.replace('.', "/")), value))
            .collect();
        let documents = self.documents.lock().unwrap();
        let found = documents.iter().find(|(_, document)| {
            terms.iter().any(|(path, value)| document.pointer(path) == Some(value))
        });
        let hits: Vec<_> = found
            .map(|(id, document)| serde_json::json!({"_id": id, "_source": document}))
            .into_iter()
            .collect();
        serde_json::json!({"hits": {"hits": hits}}).to_string()
    }

    fn bulk(&self, body: &str) -> String {
        let mut items = Vec::new();
        let mut lines = body.lines();
        while let (Some(action), Some(document)) = (lines.next(), lines.next()) {
            let action: Value = serde_json::from_str(action).expect("action");
            let id = action["create"]["_id"].as_str().expect("id").to_owned();
            let document: Value = serde_json::from_str(document).expect("document");
            let before = {
                let mut seen = self.seen.lock().unwrap();
                let count = seen.entry(id.clone()).or_default();
                *count += 1;
                *count - 1
            };
            let judged = (self.judge)(&document, before);
            let mut documents = self.documents.lock().unwrap();
            let status = match (documents.entry(id), judged) {
                (Entry::Occupied(_), _) => {
                    *self.again.lock().unwrap() += 1;
                    409
                }
                (Entry::Vacant(_), Some(status)) => status,
                (Entry::Vacant(place), None) => {
                    place.insert(document);
                    201
                }
            };
            items.push(if status == 201 {
                serde_json::json!({"create": {"status": 201}})
            } else {
                serde_json::json!({"create": {"status": status, "error": {"type": "mapper_parsing_exception"}}})
            });
        }
        serde_json::json!({ "items": items }).to_string()
    }
}
