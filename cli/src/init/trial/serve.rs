//! The receiver with the flags of its unit: policy, format, sink and credentials are as configured. It
//! listens on a port of this machine, without TLS, because the API server's certificate is not here.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

use super::sink::{Sink, basic};
use super::{Place, Prepared};
use crate::args::Init;

/// Flags, with a value each, that are of the installed service and not of this check.
const OF_THE_SERVICE: [&str; 6] =
    ["--listen", "--metrics-listen", "--tls-cert", "--tls-key", "--client-ca", "--spool"];

pub(super) fn prepare(
    unit: &str,
    args: &Init,
    place: &Place,
    local: Option<u16>,
) -> Result<Prepared, String> {
    let words = flags(unit)?;
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let address = listener.map_err(|error| error.to_string())?.to_string();
    let mut command = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
    command.args(["serve", "--listen", &address, "--spool", &place.at("spool")]);
    let mut sink = Sink {
        url: String::new(),
        index: "logs-kubernetes.audit_logs-default".into(),
        authorization: None,
        ca: None,
    };
    for (flag, value) in words {
        if OF_THE_SERVICE.contains(&flag.as_str()) {
            continue;
        }
        let value = match flag.as_str() {
            // What `init` wrote, and the third command puts in its place.
            "--policy" => args.out.join("policy.yaml").display().to_string(),
            "--sink" => {
                value.trim_start_matches("elasticsearch:").clone_into(&mut sink.url);
                match local {
                    Some(port) => format!("elasticsearch:http://127.0.0.1:{port}"),
                    None => value,
                }
            }
            "--sink-ca" | "--sink-auth-file" if local.is_some() => continue,
            "--sink-ca" => {
                sink.ca = Some(PathBuf::from(&value));
                value
            }
            "--sink-auth-file" => {
                let text =
                    fs::read_to_string(&value).map_err(|error| format!("{value}: {error}"))?;
                sink.authorization = authorization(text.trim());
                value
            }
            "--index" => {
                sink.index.clone_from(&value);
                value
            }
            _ => value,
        };
        command.args([flag, value]);
    }
    let sink = sink.url.starts_with("http").then_some(sink);
    Ok(Prepared { command, sink, post: Some(address) })
}

fn authorization(text: &str) -> Option<String> {
    match text.split_once(':') {
        Some((user, password)) if !text.contains(' ') => basic(user, password),
        _ => (!text.is_empty()).then(|| text.to_owned()),
    }
}

/// Flags and values of `ExecStart=`, with credentials where `LoadCredential=` takes them from.
fn flags(unit: &str) -> Result<Vec<(String, String)>, String> {
    let start = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="))
        .ok_or("the unit has no ExecStart=")?;
    let mut line = start.to_owned();
    for credential in unit.lines().filter_map(|line| line.strip_prefix("LoadCredential=")) {
        let (name, path) = credential.split_once(':').ok_or("LoadCredential= without a path")?;
        line = line.replace(&format!("${{CREDENTIALS_DIRECTORY}}/{name}"), path);
    }
    let mut words = line.split_whitespace().skip_while(|word| *word != "serve").skip(1);
    let mut flags = Vec::new();
    while let Some(flag) = words.next() {
        let value = words.next().ok_or_else(|| format!("{flag} without a value"))?;
        flags.push((flag.to_owned(), value.to_owned()));
    }
    Ok(flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_the_shipped_unit() {
        let unit = include_str!("../../../../integrations/webhook/auditweir-serve.service");
        let flags = flags(unit).unwrap();
        let value = |name: &str| {
            flags.iter().find(|(flag, _)| flag == name).map(|(_, value)| value.as_str())
        };
        assert_eq!(value("--sink-auth-file"), Some("/etc/auditweir/sink-auth"));
        assert_eq!(value("--to"), Some("ecs"));
        for name in OF_THE_SERVICE {
            assert!(value(name).is_some(), "{name}");
        }
        assert_eq!(authorization("a:b").as_deref(), Some("Basic YTpi"));
        assert_eq!(authorization("ApiKey x:y").as_deref(), Some("ApiKey x:y"));
    }
}
