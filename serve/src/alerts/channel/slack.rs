//! Slack, an incoming webhook: one message a request.
//!
//! Most of the text was chosen by whoever is accused. It stands in code spans, where Slack links
//! nothing and calls nobody, with `&`, `<` and `>` escaped as Slack asks for.

use serde_json::{Value, json};
use ureq::Agent;

use super::{Answer, Channel, Notice, Say, Secrets, Times, line, post};
use crate::Error;
use crate::sink::http;
use auditweir_shell::group::{Group, cut};

/// Longest value shown; a section holds 3000 characters.
const VALUE: usize = 200;

pub(in super::super) struct Slack {
    url: String,
}

impl Slack {
    pub(in super::super) fn new(secrets: &Secrets) -> Result<Self, Error> {
        let url = secrets.slack.clone().filter(|url| !url.is_empty());
        let url = url.ok_or(Error::Other("slack needs --slack-url-file".into()))?;
        if http::server(&url).is_err() || !http::is_private(&url) {
            return Err(Error::Other("the URL of Slack's webhook must be an https one".into()));
        }
        Ok(Self { url })
    }
}

impl Channel for Slack {
    fn send(&self, agent: &Agent, notices: &[Notice], _: i64, _: Times) -> Answer {
        let Some(notice) = notices.first() else { return Answer::Taken };
        post(agent, &self.url, &[], message(notice).to_string().as_bytes())
    }
}

fn message(Notice { say, group }: &Notice) -> Value {
    let finding = &group.alert.finding;
    let title = escaped(&finding.rule.title);
    let text = match say {
        Say::Resolved => format!(":white_check_mark: *{title}* is quiet again{}", facts(group)),
        Say::Firing => {
            let sign = match group.labels.severity.as_str() {
                "critical" | "high" => ":rotating_light:",
                "medium" => ":warning:",
                _ => ":information_source:",
            };
            format!("{sign} *{title}* ({}){}", escaped(&group.labels.severity), facts(group))
        }
    };
    json!({
        "text": format!("{title} ({})", escaped(&group.labels.severity)),
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "verbatim": true, "text": text}},
        ],
    })
}

/// One line for each that is known.
fn facts(group: &Group) -> String {
    let (finding, alert) = (&group.alert.finding, &group.alert);
    let mut text = String::new();
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            text.extend(["\n", name, " ", &code(value)]);
        }
    };
    fact("Cluster", &group.labels.cluster);
    if group.labels.more {
        fact("Actors", "more than have a message of their own");
    } else {
        fact("Actor", finding.actor.as_deref().unwrap_or_default());
        fact("Target", finding.target.as_deref().unwrap_or_default());
        fact("From", alert.peer.as_deref().unwrap_or_default());
    }
    fact("Outcome", &finding.outcome);
    fact("ATT&amp;CK", &finding.attack.join(", "));
    fact("Last", finding.time.as_deref().unwrap_or_default());
    fact("Audit ID", finding.audit_id.as_deref().unwrap_or_default());
    if group.count > 1 {
        text.extend(["\nand ", &(group.count - 1).to_string(), " more"]);
    }
    text
}

/// A value in a code span.
fn code(value: &str) -> String {
    format!("`{}`", escaped(cut(&line(value), VALUE)).replace('`', "\u{2019}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn nobody_is_called_and_nothing_linked() {
        let actor =
            "<!channel> <@U1> `*a* <https://evil.example|x>` @here\n*Outcome* `fine` \u{202e}";
        for say in [Say::Firing, Say::Resolved] {
            let message = message(&sample(say, actor));
            let text = message["blocks"][0]["text"]["text"].as_str().unwrap();
            assert!(!text.contains('<') && !text.contains('>'), "{text}");
            let actor = text.lines().find(|line| line.starts_with("Actor ")).unwrap();
            assert_eq!(actor.matches('`').count(), 2, "{actor}");
            assert!(actor.contains("@here\u{fffd}*Outcome*"), "{actor}");
            assert!(!message["text"].as_str().unwrap().contains("channel"));
            assert_eq!(message["blocks"][0]["text"]["verbatim"], true);
        }
        let long = message(&sample(Say::Firing, &"&".repeat(10_000)));
        assert!(long["blocks"][0]["text"]["text"].as_str().unwrap().len() < 3000);
    }
}
