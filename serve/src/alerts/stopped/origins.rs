//! API servers, by the name that their webhook's URL ends in (`/audit/NAME`), or else by address.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use super::{GAP, Trouble, millis};

/// API servers that are told apart. Where anybody may send, anybody may make up names.
const MOST: usize = 64;
/// Longest name in bytes.
const NAME: usize = 64;

/// When each of them was heard of last.
pub(crate) struct Origins {
    /// Milliseconds since 1970, and whether it was heard of since the start.
    last: Mutex<BTreeMap<String, (i64, bool)>>,
    silent: i64,
    kept: PathBuf,
    metric: Family<[(&'static str, String); 1], Gauge>,
}

impl Origins {
    /// Those that are expected, and those that were known before, as if they were heard of now.
    pub(crate) fn open(
        folder: &Path,
        expected: &[String],
        silent: Duration,
        now: i64,
        metric: Family<[(&'static str, String); 1], Gauge>,
    ) -> Self {
        let kept = folder.join("origins");
        let known = fs::read_to_string(&kept).unwrap_or_default();
        let names = expected.iter().map(String::as_str).chain(known.lines());
        let last = names.filter_map(|name| Some((own(name)?, (now, false)))).take(MOST).collect();
        Self { last: Mutex::new(last), silent: millis(silent), kept, metric }
    }

    /// Events came from one.
    pub(crate) fn heard(&self, path: &str, peer: Option<std::net::IpAddr>, now: i64) {
        let named = path.strip_prefix("/audit/").and_then(own);
        let Some(name) = named.or_else(|| peer.map(|ip| ip.to_string())) else { return };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let known = last.len();
        if known >= MOST && !last.contains_key(&name) {
            return;
        }
        self.metric.get_or_create(&[("origin", name.clone())]).set(now / 1000);
        last.insert(name, (now, true));
        if last.len() > known {
            let names: Vec<&str> = last.keys().map(String::as_str).collect();
            // Without it they are not missed after a restart, until they are heard of again.
            let _ = fs::write(&self.kept, names.join("\n") + "\n");
        }
    }

    /// Those that have been silent for too long.
    pub(super) fn silent(&self, now: i64) -> Vec<Trouble> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let silent = last.iter().filter(|(_, (last, _))| now - last >= self.silent);
        silent
            .map(|(name, (last, heard))| Trouble {
                rule: GAP,
                target: format!("API server {name}"),
                since: *last,
                why: if *heard {
                    format!("no events for {} s", (now - last) / 1000)
                } else {
                    format!("never heard of in the {} s since the start", (now - last) / 1000)
                },
            })
            .collect()
    }
}

/// A name that may stand in metrics and messages.
fn own(name: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    let whole = !name.is_empty() && name.len() <= NAME && name.bytes().all(fits);
    whole.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_heard_of_is_missed_and_who_is_expected() {
        let folder = std::env::temp_dir().join(format!("auditweir-origins-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let expected = ["cp-1".to_owned(), "cp-2".to_owned()];
        let open = |now| {
            Origins::open(&folder, &expected, Duration::from_secs(10), now, Family::default())
        };
        let silent = |origins: &Origins, now| {
            let all = origins.silent(now).into_iter();
            all.map(|trouble| format!("{}: {}", trouble.target, trouble.why)).collect::<Vec<_>>()
        };
        let origins = open(0);
        origins.heard("/audit/cp-1", None, 5_000);
        origins.heard("/", "10.0.0.1".parse().ok(), 6_000);
        origins.heard("/audit/<b>", None, 7_000);
        assert_eq!(
            silent(&origins, 12_000),
            ["API server cp-2: never heard of in the 12 s since the start"]
        );
        assert_eq!(silent(&origins, 15_000)[0], "API server cp-1: no events for 10 s");
        let again = open(20_000);
        assert_eq!(silent(&again, 29_999).len(), 0);
        assert_eq!(silent(&again, 30_000).len(), 3, "10.0.0.1 is known from before");
        for name in 0..1000 {
            again.heard(&format!("/audit/made-up-{name}"), None, 30_000);
        }
        assert_eq!(again.last.lock().unwrap().len(), MOST);
        fs::remove_dir_all(&folder).unwrap();
    }
}
