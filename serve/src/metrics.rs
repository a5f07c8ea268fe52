//! What `/metrics` says: counts and sizes, never anything out of an event.

use std::sync::{Arc, Mutex, PoisonError};

use auditweir::rules::Severity;
use auditweir::{CompiledPolicy, Stats};
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// A few labels whose values are few and known.
type Many = Family<Vec<(&'static str, &'static str)>, Counter>;

/// What is counted of one sink.
pub(crate) struct Counters {
    /// Which, if there are several.
    of: Option<&'static str>,
    results: Many,
    retries: Many,
    pub(crate) failing: Gauge,
}

impl Counters {
    /// That many documents or notices ended so.
    pub(crate) fn count(&self, result: &'static str, count: u64) {
        if count > 0 {
            self.results.get_or_create(&self.labels("result", result)).inc_by(count);
        }
    }

    /// An attempt failed.
    pub(crate) fn retry(&self, reason: &'static str) {
        self.retries.get_or_create(&self.labels("reason", reason)).inc();
    }

    fn labels(&self, name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
        self.of.map(|of| ("sink", of)).into_iter().chain([(name, value)]).collect()
    }
}

/// What is counted of all sinks for alerts.
struct AlertCounters {
    results: Many,
    retries: Many,
    failing: Family<[(&'static str, &'static str); 1], Gauge>,
}

/// One label whose values are few and known.
type By = Family<[(&'static str, &'static str); 1], Counter>;

/// Upper bounds of the histogram in seconds.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// All counters of the process.
pub(crate) struct Metrics {
    registry: Registry,
    /// Answers by status code.
    pub(crate) requests: By,
    /// Time from the head of a request to its answer.
    pub(crate) seconds: Histogram,
    pub(crate) received_bytes: Counter,
    pub(crate) in_flight_bytes: Gauge,
    pub(crate) connections: Gauge,
    /// Handshakes and connections that failed.
    pub(crate) connection_errors: Counter,
    events: By,
    reasons: By,
    dropped: By,
    redactions: Family<[(&'static str, String); 1], Counter>,
    /// Panics caught while filtering.
    panics: Counter,
    spool_bytes: Gauge,
    spool_damaged_bytes: Counter,
    pub(crate) spool_syncs: Counter,
    pub(crate) spool_batches: Counter,
    spool_waiting_bytes: Gauge,
    /// Of the sink for events.
    pub(crate) sink: Arc<Counters>,
    /// Matches of rules about one event by their level, and of rules over several.
    findings: By,
    pub(crate) fired: Counter,
    /// What stopped.
    pub(crate) stopped: Counter,
    /// When each API server was heard of last.
    pub(crate) origins: Family<[(&'static str, String); 1], Gauge>,
    /// Groups of alerts that go on.
    pub(crate) alert_groups: Family<[(&'static str, &'static str); 1], Gauge>,
    alerts: AlertCounters,
    /// Totals of each filtering thread.
    stats: Mutex<Vec<(Stats, u64)>>,
    rules: Vec<String>,
}

impl Metrics {
    pub(crate) fn new(policy: &CompiledPolicy, jobs: usize, spool_max: u64) -> Self {
        let mut registry = Registry::with_prefix("auditweir");
        macro_rules! metric {
            ($name:literal, $help:literal, $metric:expr) => {{
                let metric = $metric;
                registry.register($name, $help, metric.clone());
                metric
            }};
        }
        let limit: Gauge = metric!("spool_limit_bytes", "Bound on the spool", Gauge::default());
        limit.set(i64::try_from(spool_max).unwrap_or(i64::MAX));
        Self {
            requests: metric!("requests", "Requests by status code", By::default()),
            seconds: metric!(
                "request_duration_seconds",
                "From the head of a request to its answer",
                Histogram::new(SECONDS)
            ),
            received_bytes: metric!("received_bytes", "Bytes of bodies read", Counter::default()),
            in_flight_bytes: metric!(
                "in_flight_bytes",
                "Bytes of bodies that are read, filtered or written just now",
                Gauge::default()
            ),
            connections: metric!("connections", "Open connections", Gauge::default()),
            connection_errors: metric!(
                "connection_errors",
                "Connections and TLS handshakes that failed",
                Counter::default()
            ),
            events: metric!("events", "Events by verdict", By::default()),
            reasons: metric!("stub_reasons", "Stubs and rejects by reason", By::default()),
            dropped: metric!("dropped_events", "Drops that the policy asked for", By::default()),
            redactions: metric!("redactions", "Values taken out by rule", Family::default()),
            panics: metric!("panics", "Failures inside the filter", Counter::default()),
            spool_bytes: metric!("spool_bytes", "Disk space of the spool", Gauge::default()),
            spool_damaged_bytes: metric!(
                "spool_damaged_bytes",
                "Bytes of the spool skipped as damaged",
                Counter::default()
            ),
            spool_syncs: metric!("spool_syncs", "Trips to disk", Counter::default()),
            spool_batches: metric!(
                "spool_batches",
                "Requests whose events were brought to disk",
                Counter::default()
            ),
            spool_waiting_bytes: metric!(
                "spool_waiting_bytes",
                "Bytes of the spool not delivered yet",
                Gauge::default()
            ),
            sink: Arc::new(Counters {
                of: None,
                results: metric!("sink_events", "Events by what became of them", Many::default()),
                retries: metric!("sink_retries", "Attempts that failed", Many::default()),
                failing: metric!("sink_failing", "1 while the sink refuses", Gauge::default()),
            }),
            findings: metric!("findings", "Matches of detection rules by level", By::default()),
            fired: metric!(
                "windows_fired",
                "Matches of detection rules over several events",
                Counter::default()
            ),
            stopped: metric!(
                "stopped",
                "Findings about what stopped: API servers, their log, ends of requests",
                Counter::default()
            ),
            origins: metric!(
                "origin_last_request_timestamp_seconds",
                "When events of an API server were taken last",
                Family::default()
            ),
            alert_groups: metric!(
                "alert_groups",
                "Groups of alerts that go on, by sink",
                Family::default()
            ),
            alerts: AlertCounters {
                results: metric!(
                    "alerts",
                    "Alerts and notices of them by what became of them",
                    Many::default()
                ),
                retries: metric!(
                    "alert_retries",
                    "Attempts to deliver alerts that failed",
                    Many::default()
                ),
                failing: metric!(
                    "alert_failing",
                    "1 while a sink of alerts refuses",
                    Family::default()
                ),
            },
            stats: Mutex::new(vec![(Stats::default(), 0); jobs]),
            rules: policy.rule_names().to_vec(),
            registry,
        }
    }

    /// What is counted of a sink for alerts.
    pub(crate) fn alerts(&self, sink: &'static str) -> Arc<Counters> {
        let AlertCounters { results, retries, failing } = &self.alerts;
        Arc::new(Counters {
            of: Some(sink),
            results: results.clone(),
            retries: retries.clone(),
            failing: failing.get_or_create(&[("sink", sink)]).clone(),
        })
    }

    /// A rule of this level matched.
    pub(crate) fn found(&self, level: &str) {
        let level = Severity::from_name(level).unwrap_or_default().name();
        self.findings.get_or_create(&[("level", level)]).inc();
    }

    /// Notes the totals of filtering thread `job`.
    pub(crate) fn filtered(&self, job: usize, stats: Stats, panics: u64) {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)[job] = (stats, panics);
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self, spool: &crate::spool::Shared) -> String {
        let mut total = Stats::default();
        {
            let stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
            stats.iter().for_each(|(stats, _)| total.add(stats));
            // Under the lock, or two scrapes would count the same difference.
            let to = |counter: &Counter, value: u64| {
                counter.inc_by(value.saturating_sub(counter.get()));
            };
            let by = |family: &By, name, label, value| {
                to(&family.get_or_create(&[(name, label)]), value);
            };
            by(&self.events, "verdict", "event", total.events);
            by(&self.events, "verdict", "stub", total.stubs);
            by(&self.events, "verdict", "rejected", total.rejected);
            let dropped = total.dropped.iter().map(|(_, count)| count).sum();
            by(&self.events, "verdict", "dropped", dropped);
            total.dropped.iter().for_each(|(name, n)| by(&self.dropped, "reason", name, *n));
            total.reasons.iter().for_each(|(name, n)| by(&self.reasons, "reason", name, *n));
            for (rule, count) in self.rules.iter().zip(&total.redactions) {
                if *count > 0 {
                    to(&self.redactions.get_or_create(&[("rule", rule.clone())]), *count);
                }
            }
            to(&self.panics, stats.iter().map(|(_, panics)| panics).sum());
            to(&self.spool_damaged_bytes, spool.damaged());
        }
        let set = |gauge: &Gauge, value| gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        set(&self.spool_bytes, spool.bytes());
        set(&self.spool_waiting_bytes, spool.waiting());
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        text
    }
}
