//! The requests: events, `/metrics`, `/healthz`.
//!
//! kube-apiserver sends a batch again after any answer but 2xx, a few times and ever more slowly,
//! then it gives up. So a refusal comes early and in order (the body is read and thrown away), with
//! the time after which it is worth to come back.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http_body_util::BodyExt as _;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::alerts::stopped::origins::Origins;
use crate::clean::Job;
use crate::metrics::Metrics;
use crate::spool::{AppendError, Shared};
use crate::units;

/// Bytes of one permit of the memory bound.
const PERMIT: u64 = 1 << 10;
/// What even an empty request costs.
const LEAST: u64 = 16 << 10;
/// For the whole body to come.
const BODY: Duration = Duration::from_secs(60);
/// For a refused body to come.
const REFUSED: Duration = Duration::from_secs(10);
/// Seconds after which to try again: memory frees itself soon, a full spool does not.
const SOON: &str = "1";
const LATER: &str = "10";

/// What all requests share.
pub(crate) struct Receiver {
    /// Way to the filtering threads; they end when it is closed.
    jobs: Mutex<Option<Sender<Job>>>,
    pub(crate) spool: Arc<Shared>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) max_body: u64,
    /// Bytes of bodies that may be in memory, in [`PERMIT`]s.
    in_flight: Arc<Semaphore>,
    permits: usize,
    pub(crate) draining: AtomicBool,
    /// Working threads; fewer than there were mean that something failed.
    pub(crate) threads: Arc<Threads>,
    /// Which API servers were heard of, if somebody asks for alerts.
    origins: Option<Arc<Origins>>,
}

/// The other end of a connection.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) Option<IpAddr>);

/// How many threads should be at work, and how many ended before their time.
#[derive(Default)]
pub(crate) struct Threads {
    pub(crate) ended: AtomicUsize,
}

impl Receiver {
    pub(crate) fn new(
        jobs: Sender<Job>,
        spool: Arc<Shared>,
        metrics: Arc<Metrics>,
        (max_body, max_in_flight): (u64, u64),
        threads: Arc<Threads>,
        origins: Option<Arc<Origins>>,
    ) -> Self {
        let permits = usize::try_from(max_in_flight / PERMIT).unwrap_or(usize::MAX);
        let permits = permits.min(Semaphore::MAX_PERMITS).min(u32::MAX as usize);
        Self {
            jobs: Mutex::new(Some(jobs)),
            spool,
            metrics,
            max_body,
            in_flight: Arc::new(Semaphore::new(permits)),
            permits,
            draining: AtomicBool::new(false),
            threads,
            origins,
        }
    }

    /// Lets the filtering threads end when they have done what there is.
    pub(crate) fn close(&self) {
        *self.jobs.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Bytes of bodies in memory just now.
    fn in_flight(&self) -> u64 {
        (self.permits - self.in_flight.available_permits()) as u64 * PERMIT
    }

    /// Takes the events of one request; all of them are on disk when this says 200.
    async fn events(&self, request: Request) -> Response {
        let head = request.headers();
        if head.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return self.refuse(request, StatusCode::UNSUPPORTED_MEDIA_TYPE, None).await;
        }
        let length = head.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: u64| length > self.max_body) {
            return self.refuse(request, StatusCode::PAYLOAD_TOO_LARGE, None).await;
        }
        if self.draining.load(Ordering::Relaxed) {
            return self.refuse(request, StatusCode::SERVICE_UNAVAILABLE, Some(SOON)).await;
        }
        let most = length.unwrap_or(self.max_body);
        // With alerts it is looked through all the same: nobody else will see it if it is not sent
        // again.
        if self.origins.is_none() && self.spool.room() < most {
            return self.refuse(request, StatusCode::SERVICE_UNAVAILABLE, Some(LATER)).await;
        }
        let permits = most.max(LEAST).div_ceil(PERMIT) as u32;
        let Ok(permit) = Arc::clone(&self.in_flight).try_acquire_many_owned(permits) else {
            return self.refuse(request, StatusCode::TOO_MANY_REQUESTS, Some(SOON)).await;
        };
        let peer = request.extensions().get::<Peer>().and_then(|peer| peer.0);
        let path = request.uri().path().to_owned();
        let mut bytes = Vec::with_capacity(length.unwrap_or(LEAST) as usize);
        let body = request.into_body();
        match timeout(BODY, read(body, self.max_body, &mut bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(status)) => return closing(status),
            Err(_) => return closing(StatusCode::REQUEST_TIMEOUT),
        }
        self.metrics.received_bytes.inc_by(bytes.len() as u64);
        let (done, answer) = oneshot::channel();
        // Without filtering threads the job is dropped, and `done` with it.
        if let Some(jobs) = &*self.jobs.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = jobs.send(Job { body: bytes, permit, done });
        }
        match answer.await {
            Ok(Ok(())) => {
                if let Some(origins) = &self.origins {
                    origins.heard(&path, peer, units::now());
                }
                StatusCode::OK.into_response()
            }
            Ok(Err(AppendError::Full | AppendError::Io(_))) | Err(_) => {
                later(StatusCode::SERVICE_UNAVAILABLE, LATER)
            }
        }
    }

    /// Answers without having looked at the body. It is read all the same, or the client would see
    /// a broken connection instead of the answer.
    async fn refuse(
        &self,
        request: Request,
        status: StatusCode,
        after: Option<&'static str>,
    ) -> Response {
        let read =
            timeout(REFUSED, discard(request.into_body(), self.max_body.saturating_mul(2))).await;
        let mut answer = match after {
            Some(after) => later(status, after),
            None => status.into_response(),
        };
        if !matches!(read, Ok(true)) {
            answer.headers_mut().insert(CONNECTION, axum::http::HeaderValue::from_static("close"));
        }
        answer
    }
}

/// Reads a whole body.
async fn read(mut body: Body, most: u64, bytes: &mut Vec<u8>) -> Result<(), StatusCode> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        if let Some(data) = frame.data_ref() {
            if (bytes.len() + data.len()) as u64 > most {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(())
}

/// Reads a body and keeps nothing of it; false when it is longer than `most` or breaks off.
async fn discard(mut body: Body, most: u64) -> bool {
    let mut read = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        read += frame.data_ref().map_or(0, |data| data.len() as u64);
        if read > most {
            return false;
        }
    }
    true
}

fn later(status: StatusCode, after: &'static str) -> Response {
    (status, [(RETRY_AFTER, after)]).into_response()
}

fn closing(status: StatusCode) -> Response {
    (status, [(CONNECTION, "close")]).into_response()
}

/// The requests of the listener for events; with `admin`, those of the other one too.
pub(crate) fn routes(receiver: Arc<Receiver>, admin: bool) -> Router {
    let router = if admin { admin_routes() } else { Router::new() };
    router.fallback(events).with_state(receiver)
}

/// `/metrics` and `/healthz` alone.
pub(crate) fn admin(receiver: Arc<Receiver>) -> Router {
    admin_routes().with_state(receiver)
}

fn admin_routes() -> Router<Arc<Receiver>> {
    Router::new().route("/metrics", get(metrics)).route("/healthz", get(healthz))
}

/// The path is that of the webhook's kubeconfig, so any will do.
async fn events(State(receiver): State<Arc<Receiver>>, request: Request) -> Response {
    let start = Instant::now();
    let answer = match *request.method() {
        Method::POST => receiver.events(request).await,
        Method::GET | Method::HEAD => StatusCode::NOT_FOUND.into_response(),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    receiver.metrics.seconds.observe(start.elapsed().as_secs_f64());
    let code = match answer.status().as_u16() {
        200 => "200",
        400 => "400",
        404 => "404",
        405 => "405",
        408 => "408",
        413 => "413",
        415 => "415",
        429 => "429",
        503 => "503",
        _ => "other",
    };
    receiver.metrics.requests.get_or_create(&[("code", code)]).inc();
    answer
}

async fn metrics(State(receiver): State<Arc<Receiver>>) -> Response {
    let in_flight = i64::try_from(receiver.in_flight()).unwrap_or(i64::MAX);
    receiver.metrics.in_flight_bytes.set(in_flight);
    let text = receiver.metrics.text(&receiver.spool);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// Whether all threads are at work. A full spool or a sink that refuses is no reason to restart.
async fn healthz(State(receiver): State<Arc<Receiver>>) -> Response {
    if receiver.threads.ended.load(Ordering::Relaxed) > 0 {
        (StatusCode::SERVICE_UNAVAILABLE, "a thread failed\n").into_response()
    } else if receiver.draining.load(Ordering::Relaxed) {
        (StatusCode::SERVICE_UNAVAILABLE, "ending\n").into_response()
    } else {
        "ok\n".into_response()
    }
}
