//! Who is told of groups of alerts: each receiver's own way of putting it.

pub(super) mod alertmanager;
pub(super) mod pagerduty;
pub(super) mod slack;
pub(super) mod webhook;

use std::fmt;
use std::time::Duration;

use auditweir_shell::group::{Group, Say, Times};
use ureq::Agent;

/// What opens doors. From files only: everybody on the machine can read command lines.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Routing key of PagerDuty.
    pub pagerduty: Option<String>,
    /// URL of an incoming webhook of Slack.
    pub slack: Option<String>,
    /// Key that signs what generic webhooks get.
    pub webhook: Option<String>,
    /// `authorization` of Alertmanager.
    pub alertmanager: Option<crate::Credentials>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// What is said of a group.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) say: Say,
    pub(crate) group: Group,
}

/// What came of a request.
pub(crate) enum Answer {
    Taken,
    /// Never take it; the status.
    Refused(u16),
    /// Try again.
    Failed {
        /// For the metrics.
        kind: &'static str,
        /// For people; without values.
        why: String,
        /// What the receiver asks for.
        after: Option<Duration>,
    },
}

/// A receiver.
pub(crate) trait Channel: Send {
    /// How often it must hear that a group goes on, if that is not for people to choose.
    fn repeats(&self) -> Option<Duration> {
        None
    }

    /// Most notices in a request.
    fn most(&self) -> usize {
        1
    }

    /// Tells of groups; there is at least one.
    fn send(&self, agent: &Agent, notices: &[Notice], now: i64, times: Times) -> Answer;
}

/// Sends JSON and reads the status of the answer.
fn post(agent: &Agent, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut request = agent.post(url).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match request.send(body) {
        Ok(answer) => {
            let after = answer.headers().get("retry-after").and_then(|after| {
                Some(Duration::from_secs(after.to_str().ok()?.trim().parse().ok()?))
            });
            judge(answer.status().as_u16(), after)
        }
        // The error may quote the URL, which is a secret of some.
        Err(error) => {
            let why = match error {
                ureq::Error::Timeout(_) => "no answer in time",
                ureq::Error::HostNotFound => "no such host",
                ureq::Error::Io(_) | ureq::Error::ConnectionFailed => "no connection",
                ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "no TLS",
                _ => "no answer",
            };
            Answer::Failed { kind: "connection", why: why.into(), after: None }
        }
    }
}

/// 400, 413 and 422 speak of what was sent; anything else of the receiver, or of who asks.
fn judge(status: u16, after: Option<Duration>) -> Answer {
    let (kind, why) = match status {
        200..=299 => return Answer::Taken,
        400 | 413 | 422 => return Answer::Refused(status),
        401 | 403 => ("credentials", "not let in"),
        429 => ("busy", "busy"),
        500.. => ("server", "the server failed"),
        _ => ("status", "unexpected answer"),
    };
    Answer::Failed { kind, why: format!("{why} ({status})"), after }
}

/// One line of text: what a client may have put in to break out of it goes.
fn line(text: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    text.chars().map(|c| if odd(c) { '\u{fffd}' } else { c }).collect()
}

/// What a notice says in one line.
fn summary(group: &Group) -> String {
    let mut text = line(&group.alert.sentence());
    if group.labels.more {
        let title = line(&group.alert.finding.rule.title);
        text = format!("{title}: and {} more, by actors without a group of their own", group.count);
    } else if group.count > 1 {
        text = format!("{text}, and {} more", group.count - 1);
    }
    text
}

#[cfg(test)]
pub(super) fn sample(say: Say, actor: &str) -> Notice {
    use auditweir_shell::alert::Alert;
    use auditweir_shell::group::Groups;

    let mut alert =
        Alert { cluster: Some("prod".into()), namespace: Some("shop".into()), ..Alert::default() };
    alert.finding.rule.id = "197a70ab-4555-5991-8c86-fd6403c6dc8b".into();
    alert.finding.rule.intent = "pod_exec".into();
    alert.finding.rule.title = "Exec into a pod".into();
    alert.finding.rule.level = "high".into();
    alert.finding.actor = Some(actor.into());
    alert.finding.target = Some("pods/exec shop/web".into());
    alert.finding.outcome = "done".into();
    alert.finding.attack = vec!["T1609".into()];
    let mut groups = Groups::default();
    groups.take("a", alert.clone(), 1_767_323_045_000);
    groups.take("b", alert, 1_767_323_046_000);
    let times = Times { quiet: 1, repeat: 1, always: false };
    let group = groups.due(1_767_323_046_000, times)[0].1.clone();
    Notice { say, group }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_speak_of_the_notice_or_of_the_receiver() {
        for status in [200, 202, 204] {
            assert!(matches!(judge(status, None), Answer::Taken));
        }
        for status in [400, 413, 422] {
            assert!(matches!(judge(status, None), Answer::Refused(_)));
        }
        for status in [301, 401, 403, 404, 408, 410, 429, 500, 503] {
            assert!(matches!(judge(status, None), Answer::Failed { .. }), "{status}");
        }
    }

    #[test]
    fn a_line_stays_one() {
        assert_eq!(line("a\nb\u{202e}c"), "a\u{fffd}b\u{fffd}c");
        let notice = sample(Say::Firing, "jane");
        assert_eq!(
            summary(&notice.group),
            "Exec into a pod: jane pods/exec shop/web (done), and 1 more"
        );
    }
}
