//! TLS: certificates of clients, of the server, and new ones while it runs.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use super::*;

pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("authority")
}

/// Certificate and key, PEM.
pub(crate) fn issue(by: &Authority, usage: ExtendedKeyUsagePurpose) -> (String, String) {
    let mut params = CertificateParams::new(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
    params.extended_key_usages = vec![usage];
    let key = KeyPair::generate().expect("key");
    let certificate = params.signed_by(&key, by).expect("certificate");
    (certificate.pem(), key.serialize_pem())
}

pub(crate) fn client(trusts: &Authority, own: Option<&(String, String)>) -> ureq::Agent {
    let root = Certificate::from_pem(trusts.pem().as_bytes()).expect("root");
    let own = own.map(|(certificate, key)| {
        ClientCert::new_with_certs(
            &[Certificate::from_pem(certificate.as_bytes()).expect("certificate")],
            PrivateKey::from_pem(key.as_bytes()).expect("key"),
        )
    });
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[root]))
        .client_cert(own)
        .build();
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(10)))
        .proxy(None)
        .tls_config(tls)
        .build()
        .new_agent()
}

struct Files {
    folder: PathBuf,
    args: Vec<String>,
}

/// Writes the server's files and says the flags for them.
fn files(name: &str, server: &(String, String), clients: Option<&Authority>) -> Files {
    let folder = folder(name);
    let write = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name).display().to_string()
    };
    let mut args = vec![
        "--listen=127.0.0.1:0".to_owned(),
        format!("--spool={}", folder.join("spool").display()),
        format!("--sink=file:{}", folder.join("out").display()),
        format!("--tls-cert={}", write("server.pem", &server.0)),
        format!("--tls-key={}", write("server.key", &server.1)),
    ];
    if let Some(clients) = clients {
        args.push(format!("--client-ca={}", write("clients.pem", &clients.pem())));
    }
    Files { folder, args }
}

impl Files {
    fn start(&self) -> Server {
        Server::start(&self.args.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

#[test]
fn only_clients_with_a_certificate_are_let_in() {
    let (servers, clients, others) = (authority(), authority(), authority());
    let mut files =
        files("mtls", &issue(&servers, ExtendedKeyUsagePurpose::ServerAuth), Some(&clients));
    files.args.push("--metrics-listen=127.0.0.1:0".into());
    let server = files.start();
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let good = issue(&clients, ExtendedKeyUsagePurpose::ClientAuth);
    let stranger = issue(&others, ExtendedKeyUsagePurpose::ClientAuth);
    let wrong_use = issue(&clients, ExtendedKeyUsagePurpose::ServerAuth);
    let body = batch(&[event("in", 0)]);
    assert_eq!(post(&client(&servers, Some(&good)), &server.url, &body).unwrap(), (200, None));
    let out = batch(&[event("out", 0)]);
    for own in [None, Some(&stranger), Some(&wrong_use)] {
        post(&client(&servers, own), &server.url, &out).expect_err("let in");
    }
    post(&client(&others, Some(&good)), &server.url, &out).expect_err("trusted");
    // Plain HTTP at the same port gets nothing.
    let plain = server.url.replace("https", "http");
    post(&agent(), &plain, &out).expect_err("answered");
    assert!(server.metric("auditweir_connection_errors_total") >= 4);
    // Probes need no certificate, and events are not taken beside them.
    let metrics = server.metrics.clone().expect("address");
    assert_eq!(get(&format!("{metrics}/healthz")), (200, "ok\n".into()));
    assert_eq!(post(&agent(), &metrics, &out).expect("answer").0, 404);
    assert!(server.end().0.success());
    assert_eq!(ids(&fs::read_to_string(files.folder.join("out")).unwrap()), ["in"]);
}

#[test]
fn sighup_reads_certificates_again() {
    let (old, new) = (authority(), authority());
    let files = files("reload", &issue(&old, ExtendedKeyUsagePurpose::ServerAuth), None);
    let server = files.start();
    let send = |by: &Authority, id| {
        post(&client(by, None), &server.url, &batch(&[event(id, 0)])).map(|answer| answer.0)
    };
    assert_eq!(send(&old, "a").unwrap(), 200);
    // What cannot be used leaves all as it was.
    fs::write(files.folder.join("server.pem"), "nothing").unwrap();
    server.signal("-HUP");
    let said = |text| server.messages.lock().unwrap().contains(text);
    eventually("refusal", || said("the old certificates stay"));
    assert_eq!(send(&old, "b").unwrap(), 200);
    let (certificate, key) = issue(&new, ExtendedKeyUsagePurpose::ServerAuth);
    fs::write(files.folder.join("server.pem"), certificate).unwrap();
    fs::write(files.folder.join("server.key"), key).unwrap();
    server.signal("-HUP");
    eventually("new certificates", || said("certificates read again"));
    assert_eq!(send(&new, "c").unwrap(), 200);
    send(&old, "d").expect_err("trusted");
    assert!(server.end().0.success());
    assert_eq!(ids(&fs::read_to_string(files.folder.join("out")).unwrap()), ["a", "b", "c"]);
}
