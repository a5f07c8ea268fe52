//! HTTP to servers of others: addresses, time limits, authorities.

use std::path::Path;
use std::time::Duration;

use ureq::Agent;
use ureq::http::HeaderValue;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::{Credentials, Error, tls};

const CONNECT: Duration = Duration::from_secs(10);

/// Checks the URL of a server: without credentials, because everybody on the machine can read
/// command lines, and without a query.
pub(crate) fn server(url: &str) -> Result<String, &'static str> {
    let authority = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .ok_or("the URL begins with neither https:// nor http://")?;
    let authority = authority.split('/').next().unwrap_or_default();
    if authority.is_empty() {
        Err("the URL names no host")
    } else if authority.contains('@') {
        Err("no credentials in the URL; they have a file or a variable of their own")
    } else if url.contains(['?', '#']) {
        Err("the URL is that of the server, without a query")
    } else {
        Ok(url.trim_end_matches('/').to_owned())
    }
}

/// Whether what is sent to this URL can be read on no network.
pub(crate) fn is_private(url: &str) -> bool {
    !url.starts_with("http://") || is_loopback(url)
}

/// The `authorization` for a server; an error where others on the network could read it.
pub(crate) fn authorization(
    credentials: Option<&Credentials>,
    url: &str,
) -> Result<Option<HeaderValue>, Error> {
    if credentials.is_some() && !is_private(url) {
        return Err(Error::Other("no credentials over plain HTTP; the URL must be https".into()));
    }
    Ok(credentials.map(|credentials| credentials.0.clone()))
}

/// Whether a URL's host is this machine.
fn is_loopback(url: &str) -> bool {
    let Some(uri) = url.parse::<ureq::http::Uri>().ok() else { return false };
    let host = uri.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// A client that follows no redirects, for the servers that `ca` vouches for; those of public
/// authorities without it. No answer is an error for its status.
pub fn agent(ca: Option<&Path>, request: Duration) -> Result<Agent, Error> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_connect(Some(CONNECT.min(request)))
        .timeout_global(Some(request))
        .user_agent(concat!("auditweir/", env!("CARGO_PKG_VERSION")));
    if let Some(path) = ca {
        let roots = tls::certificates(path)?;
        let roots: Vec<_> =
            roots.iter().map(|one| Certificate::from_der(one.as_ref()).to_owned()).collect();
        let roots = RootCerts::new_with_certs(&roots);
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    Ok(config.build().new_agent())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_by_name_and_number() {
        for url in ["http://localhost:9200", "http://127.0.0.1", "http://[::1]:9200/x"] {
            assert!(is_loopback(url) && is_private(url), "{url}");
        }
        for url in ["http://localhost.example", "http://10.0.0.1:9200", "http://127.0.0.1.example"]
        {
            assert!(!is_private(url), "{url}");
        }
        assert!(is_private("https://10.0.0.1:9200"));
    }
}
