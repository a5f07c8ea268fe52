//! Certificates: loaded at the start and again on SIGHUP.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::Error;

/// Where certificates come from.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Certificate chain of this server, PEM.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// Authorities whose client certificates are let in, PEM. Without it any client is.
    pub client_ca: Option<PathBuf>,
}

/// The configuration in use, which can be replaced while connections are open.
pub(crate) struct Certificates {
    from: Tls,
    config: RwLock<Arc<ServerConfig>>,
}

impl Certificates {
    pub(crate) fn load(from: Tls) -> Result<Self, Error> {
        let config = RwLock::new(Arc::new(read(&from)?));
        Ok(Self { from, config })
    }

    /// For the next connection.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again; on an error all stays as it was.
    pub(crate) fn reload(&self) -> Result<(), Error> {
        let config = Arc::new(read(&self.from)?);
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }
}

/// All certificates of a PEM file.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(path, &error.to_string()))?;
    if certificates.is_empty() {
        Err(wrong(path, "no certificate in it"))
    } else {
        Ok(certificates)
    }
}

fn wrong(path: &Path, why: &str) -> Error {
    Error::file(path, io::Error::new(io::ErrorKind::InvalidData, why))
}

fn read(from: &Tls) -> Result<ServerConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Other(format!("TLS: {error}")))?;
    let builder = match &from.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|error| wrong(path, &error.to_string()))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| wrong(path, &error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::from_pem_file(&from.key)
        // The error of a key file says what is wrong with it, not what is in it.
        .map_err(|_| wrong(&from.key, "no private key that can be read"))?;
    let mut config = builder
        .with_single_cert(certificates(&from.cert)?, key)
        .map_err(|error| wrong(&from.cert, &error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
