//! Sockets, TLS and HTTP/1.1 connections, each bounded in number and time.

use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::metrics::Metrics;
use crate::receive::Peer;
use crate::tls::Certificates;

/// Connections at a time; more wait in the socket's queue.
const CONNECTIONS: usize = 512;
const HANDSHAKE: Duration = Duration::from_secs(10);
/// For the head of a request, and for a connection without any: longer than the 30 s that
/// kube-apiserver waits for a batch to fill.
const HEAD: Duration = Duration::from_secs(120);
/// Largest head of a request.
const HEAD_BYTES: usize = 64 << 10;

/// One address with its requests.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) certificates: Option<Arc<Certificates>>,
    pub(crate) routes: Router,
    pub(crate) metrics: Arc<Metrics>,
}

impl Listener {
    /// Takes connections until `end` turns true, then waits for those that are open.
    pub(crate) async fn run(self, mut end: watch::Receiver<bool>) {
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            // Never closed.
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
            let (stream, peer) = tokio::select! {
                accepted = self.socket.accept() => if let Ok(accepted) = accepted {
                    accepted
                } else {
                    // Out of file descriptors, most likely.
                    self.metrics.connection_errors.inc();
                    sleep(Duration::from_millis(100)).await;
                    continue;
                },
                () = ended(&mut end) => break,
            };
            let _ = stream.set_nodelay(true);
            let (metrics, end) = (Arc::clone(&self.metrics), end.clone());
            let certificates = self.certificates.clone();
            let routes = self.routes.clone().layer(Extension(Peer(Some(peer.ip()))));
            tokio::spawn(async move {
                metrics.connections.inc();
                if !connection(stream, certificates, routes, end).await {
                    metrics.connection_errors.inc();
                }
                metrics.connections.dec();
                drop(slot);
            });
        }
        drop(self.socket);
        let _ = slots.acquire_many(CONNECTIONS as u32).await;
    }
}

/// Waits for the order to end.
async fn ended(end: &mut watch::Receiver<bool>) {
    if end.wait_for(|end| *end).await.is_err() {
        // Nobody will ever say so.
        std::future::pending::<()>().await;
    }
}

/// False when it failed.
async fn connection(
    stream: TcpStream,
    certificates: Option<Arc<Certificates>>,
    routes: Router,
    end: watch::Receiver<bool>,
) -> bool {
    match certificates {
        None => serve(stream, routes, end).await,
        Some(certificates) => {
            let acceptor = TlsAcceptor::from(certificates.current());
            match timeout(HANDSHAKE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => serve(stream, routes, end).await,
                Ok(Err(_)) | Err(_) => false,
            }
        }
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    routes: Router,
    mut end: watch::Receiver<bool>,
) -> bool {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        result = connection.as_mut() => return result.is_ok(),
        () = ended(&mut end) => {}
    }
    // The request under way is answered, then the connection ends.
    connection.as_mut().graceful_shutdown();
    connection.await.is_ok()
}
