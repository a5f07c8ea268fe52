//! Requests whose beginning is in the log, and whose end is not.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use auditweir::Line;

use super::{GAP, Trouble};

/// Longer than an API server lets a request last that is no stream, and a webhook keep it back.
const END: i64 = 600_000;
/// Requests under way that are remembered, and ends that came before their beginning.
const MOST: usize = 1 << 16;
/// How long one finding stands, in milliseconds.
const STANDS: i64 = 60_000;

/// What an event says about its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Begins(u64),
    Ends(u64),
}

impl Part {
    /// `None` for streams, which last as long as they like, and for what says too little.
    pub(crate) fn of(line: &Line<'_>) -> Option<Self> {
        let mut hash = DefaultHasher::new();
        line.audit_id().filter(|id| !id.is_empty())?.hash(&mut hash);
        let request = hash.finish();
        if line.stage()? != "RequestReceived" {
            return Some(Self::Ends(request));
        }
        let verb = line.verb()?;
        let uri = line.request_uri().unwrap_or_default();
        let stream = matches!(verb.as_ref(), "watch" | "connect" | "proxy")
            || line.subresource().is_some_and(|sub| {
                matches!(sub.as_ref(), "exec" | "attach" | "portforward" | "proxy" | "log")
            })
            || uri.contains("watch=");
        (!stream).then_some(Self::Begins(request))
    }
}

/// Requests under way.
#[derive(Default)]
pub(crate) struct Requests {
    begun: HashMap<u64, i64>,
    /// In the order of their beginning; some have ended.
    order: VecDeque<(i64, u64)>,
    /// Filtering threads hand over batches in any order.
    ended: HashSet<u64>,
    ended_order: VecDeque<u64>,
    /// The log has beginnings at all.
    tells: bool,
    /// How many had no end, since when, and until when that is told.
    open: Option<(u64, i64, i64)>,
}

impl Requests {
    pub(crate) fn take(&mut self, parts: &[Part], now: i64) {
        for part in parts {
            match part {
                Part::Begins(request) => {
                    self.tells = true;
                    if !self.ended.remove(request) && self.begun.len() < MOST {
                        self.begun.insert(*request, now);
                        self.order.push_back((now, *request));
                    }
                }
                Part::Ends(request) => {
                    if self.begun.remove(request).is_none()
                        && self.tells
                        && self.ended.insert(*request)
                    {
                        self.ended_order.push_back(*request);
                        if self.ended_order.len() > MOST
                            && let Some(oldest) = self.ended_order.pop_front()
                        {
                            self.ended.remove(&oldest);
                        }
                    }
                }
            }
        }
    }

    pub(super) fn look(&mut self, now: i64) -> Option<Trouble> {
        let mut without = 0;
        while let Some((since, request)) = self.order.front().copied() {
            let open = self.begun.get(&request) == Some(&since);
            if open && now - since < END {
                break;
            }
            self.order.pop_front();
            if open {
                self.begun.remove(&request);
                without += 1;
            }
        }
        match &mut self.open {
            Some((count, _, until)) if now < *until => *count += without,
            open => *open = (without > 0).then_some((without, now, now + STANDS)),
        }
        let (count, since, _) = self.open?;
        let s = if count == 1 { "" } else { "s" };
        Some(Trouble {
            rule: GAP,
            target: "requests".into(),
            since,
            why: format!("{count} request{s} began {} min ago and have no end", END / 60_000),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_told_once_and_memory_is_bounded() {
        let mut requests = Requests::default();
        requests.take(&[Part::Ends(9)], 0);
        assert!(requests.ended.is_empty(), "a log without beginnings");
        requests.take(&[Part::Begins(1), Part::Begins(2), Part::Ends(1)], 0);
        // The end before the beginning.
        requests.take(&[Part::Ends(3), Part::Begins(3)], 0);
        assert!(requests.look(END - 1).is_none());
        let trouble = requests.look(END).expect("2 has no end");
        assert!(trouble.why.starts_with("1 request began"), "{}", trouble.why);
        assert!(requests.look(END + STANDS).is_none());
        for request in 0..1_000_000 {
            requests.take(&[Part::Begins(request), Part::Ends(request ^ (1 << 40))], END);
        }
        assert!(requests.begun.len() <= MOST && requests.ended.len() <= MOST);
    }
}
