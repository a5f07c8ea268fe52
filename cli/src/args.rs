//! The command line: one definition from which parser, help, completions and man pages come.

#[cfg(feature = "serve")]
use std::net::SocketAddr;
use std::path::PathBuf;
#[cfg(feature = "serve")]
use std::time::Duration;

#[cfg(feature = "serve")]
use auditweir_serve::{AlertTarget, Target, units};

use auditweir::Format;
use clap::builder::PossibleValue;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
#[cfg(feature = "pages")]
use clap_complete::Shell;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Exit codes of one command: 0, what else it has, 2.
macro_rules! exit_codes {
    ($($more:literal),*; $wrong:literal) => {
        concat!(
            "Exit codes:\n  0    all went well, also when whoever reads the output goes away\n",
            $("  ", $more, "\n",)*
            "  2    ", $wrong
        )
    };
    (stopped: $($more:literal),*; $wrong:literal) => {
        concat!(
            exit_codes!($($more),*; $wrong),
            "\n  130  ended by SIGINT after the lines read so far were written\n",
            "  143  ended by SIGTERM after the lines read so far were written"
        )
    };
}

/// Those of all commands.
const EXIT_CODES: &str = exit_codes!(stopped:
    "1    --strict and an input became a stub or was no event; --fail-on and a rule matched, or an",
    "     input could not be read; a check or a test failed";
    "wrong usage, a bad policy, a file that cannot be read or written");
const FILTER_CODES: &str = exit_codes!(stopped:
    "1    --strict and an input became a stub or was no event";
    "wrong usage, a bad policy, a file that cannot be read or written");
/// Of commands that read a log and judge nothing.
const READ_CODES: &str =
    exit_codes!(stopped: ; "wrong usage, a bad policy, a file that cannot be read or written");
const DETECT_CODES: &str = exit_codes!(stopped:
    "1    --fail-on and a rule matched, or an input could not be read";
    "wrong usage, a bad policy or rule, a file that cannot be read or written");
#[cfg(feature = "serve")]
const SERVE_CODES: &str = "\
Exit codes:
  0    ended by SIGTERM or SIGINT
  2    wrong usage, a bad policy, an address, folder or sink that cannot be used";
const RULES_CHECK_CODES: &str =
    exit_codes!("1    a rule is wrong"; "wrong usage, a file that cannot be read");
const RULES_TEST_CODES: &str = exit_codes!(
    "1    an example is not answered as it says";
    "wrong usage, a bad rule, a file that cannot be read");
const RULES_CODES: &str = exit_codes!(; "wrong usage, a file that is wrong or cannot be read");
const POLICY_CHECK_CODES: &str =
    exit_codes!("1    a policy is wrong"; "wrong usage, a file that cannot be read");
const POLICY_TEST_CODES: &str = exit_codes!(
    "1    a case failed, or passes although it is pending";
    "wrong usage, a bad policy or case file, a file that cannot be read");
const INIT_CODES: &str = exit_codes!(
    "1    --check and something failed";
    "wrong usage, a file that differs, cannot be read or written");
const WRITE_CODES: &str = exit_codes!(; "wrong usage, a file that cannot be read or written");

const FILTER_NOTES: &str = "\
Input: NDJSON, or any envelope around audit events that auditweir knows. gzip and zstd are told by
their first bytes. Split lines of container runtimes (CRI `P`/`F`, docker json-file) are joined.
A file ending in .json may hold one document over many lines, a file ending in .yaml or .yml one
document or more; --input-format says so for other names and for standard input.

Every input gives an event, a stub or a counted drop. A stub says why and holds no value.

Environment:
  AUDITWEIR_PSEUDONYM_KEY  key of the `pseudonym` action, 16 bytes or more
  NO_COLOR                 no colours";

const REVIEW_NOTES: &str = "\
Input is what filter reads. The report is made of filtered events, so it holds no value that the
policy takes out. The HTML page needs no network and no script.

The suggested audit policy is in the report and, as text, in its JSON:
  auditweir review --json audit.log | jq -r .suggestedAuditPolicy > audit-policy.yaml
  auditweir review --json audit.log | jq -r .suggestedPolicy > policy.yaml";

/// Cleans Kubernetes audit logs: normalises, redacts and enriches audit events.
#[derive(Debug, Parser)]
#[command(
    name = "auditweir",
    version,
    styles = STYLES,
    after_help = EXIT_CODES,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = Color::Auto,
        value_name = "WHEN",
        // a global flag has no order among those of a command
        display_order = 900
    )]
    pub(crate) color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    /// On terminals
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Cleans audit events from files or standard input to standard output
    Filter(Filter),
    /// Shows one event before and after, with every decision and its rule
    Explain(Explain),
    /// Reports what is in audit logs and what a suggested audit policy would save
    Review(Review),
    /// Finds what somebody should hear of: runs detection rules over audit logs
    Detect(Detect),
    /// Lists, checks and tests detection rules
    #[command(subcommand)]
    Rules(Rules),
    /// Checks, tests and describes policies
    #[command(subcommand)]
    Policy(Policy),
    /// Receives the kube-apiserver's audit webhook, cleans events and forwards them
    #[cfg(feature = "serve")]
    Serve(Box<Serve>),
    /// This build has no receiver
    #[cfg(not(feature = "serve"))]
    #[command(hide = true, disable_help_flag = true)]
    Serve {
        /// What was asked of it
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<std::ffi::OsString>,
    },
    /// Writes a complete configuration for this machine, or checks the one that is there
    Init(Init),
    /// Writes index templates, access roles and dashboards for a cluster
    #[command(after_help = WRITE_CODES)]
    Assets {
        /// Which cluster
        #[arg(long = "for", value_enum, value_name = "CLUSTER")]
        cluster: Cluster,
        /// Folder to write to; files of the same names are overwritten
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: PathBuf,
    },
    /// Copies the plugins of Fluent Bit and Vector into a folder
    ///
    /// For init containers: the image of the plugins has this command and nothing else.
    #[command(after_help = WRITE_CODES)]
    Plugins {
        /// Folder to write to; files of the same names are overwritten
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        to: PathBuf,
        /// Where packages and images have them
        #[arg(long, value_name = "DIR", default_value = "/usr/lib/auditweir", value_hint = ValueHint::DirPath)]
        from: PathBuf,
    },
    /// Prints shell completions
    #[cfg(feature = "pages")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Prints the man page, or writes the pages of all commands
    #[cfg(feature = "pages")]
    Man {
        /// Folder to write one page per command to
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: Option<PathBuf>,
    },
}

/// What `filter` and `explain` share.
#[derive(Debug, Args)]
pub(crate) struct Setup {
    /// Policy file (YAML or JSON); without it the default policy
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) policy: Option<PathBuf>,
    /// File with the key of the `pseudonym` action, instead of AUDITWEIR_PSEUDONYM_KEY
    ///
    /// Its bytes are the key, less white space at the end.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) pseudonym_key_file: Option<PathBuf>,
    /// How the input is divided into events
    #[arg(long, value_enum, default_value_t = InputFormat::Auto, value_name = "FORMAT")]
    pub(crate) input_format: InputFormat,
}

#[derive(Debug, Args)]
#[command(after_help = FILTER_CODES, after_long_help = format!("{FILTER_NOTES}\n\n{FILTER_CODES}"))]
pub(crate) struct Filter {
    /// Files to read, in this order; `-` is standard input
    #[arg(value_name = "FILES", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) setup: Setup,
    /// Shape of the output
    #[arg(long, value_enum, default_value_t, value_name = "SHAPE")]
    pub(crate) to: To,
    /// Write the stubs of rejected inputs to this file instead of standard output
    ///
    /// They say what was wrong and where. They hold no input.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) reject: Option<PathBuf>,
    /// Stop at the first input that becomes a stub or is another program's line, with exit code 1
    ///
    /// An event that was cut on its way goes on, tagged `truncated`; `--stats` counts those.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print totals to standard error at the end, as one line of JSON
    #[arg(long)]
    pub(crate) stats: bool,
    /// Number of filtering threads; the order of events is kept [default: number of processors]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,
    /// No progress bar and no messages about single inputs
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
#[command(after_help = READ_CODES)]
pub(crate) struct Explain {
    /// File to read; without it or with `-`, standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) setup: Setup,
    /// Which line; without it the first that is not blank
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) line: Option<u64>,
    /// Show the event as it came, SECRETS INCLUDED
    #[arg(long)]
    pub(crate) show_original: bool,
}

#[cfg(feature = "serve")]
const SERVE_NOTES: &str = "\
A request is answered with 200 when the clean lines of all its events are on disk. Raw events are
in memory only. 429 and 503 with Retry-After say that memory or spool are full; kube-apiserver then
sends the batch again.

Sinks:
  stdout             at least once
  file:PATH          at least once, on disk before it counts; put aside as PATH.1, PATH.2 …
  elasticsearch:URL  Elasticsearch or OpenSearch, `create` with the document id: once per index

Sinks for alerts (--alerts), each with a spool of its own, so that none waits for another:
  file:PATH          one document each: in the schema of --to if it has alerts, else ECS
  elasticsearch:URL  the same, into --alerts-index; login and authorities as for events
  alertmanager:URL   repeated while more come, resolved after --alerts-quiet
  pagerduty[:URL]    Events API v2
  slack              an incoming webhook, whose URL is in --slack-url-file
  webhook:URL        JSON, signed: X-Auditweir-Signature is `sha256=` and the HMAC-SHA-256 of
                     X-Auditweir-Timestamp, a dot and the body
Matches of the policy's rules, or of the pack if it names none, are grouped by rule, cluster, actor
and namespace. A request is answered when its alerts are on disk, too.

Signals: SIGTERM and SIGINT drain and end with 0, a second one ends at once; SIGHUP reads the
certificates again.

Environment:
  AUDITWEIR_PSEUDONYM_KEY  key of the `pseudonym` action, 16 bytes or more
  AUDITWEIR_SINK_AUTH      credentials of the sink, as in the file of --sink-auth-file";

#[cfg(feature = "serve")]
#[derive(Debug, Args)]
#[command(after_help = SERVE_CODES, after_long_help = format!("{SERVE_NOTES}\n\n{SERVE_CODES}"))]
pub(crate) struct Serve {
    /// Address to receive events on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9443")]
    pub(crate) listen: SocketAddr,
    /// Certificate chain of this server (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key", value_hint = ValueHint::FilePath)]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key of this server (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert", value_hint = ValueHint::FilePath)]
    pub(crate) tls_key: Option<PathBuf>,
    /// Authorities (PEM) whose client certificates are let in; without it any client is
    #[arg(long, value_name = "FILE", requires = "tls_cert", value_hint = ValueHint::FilePath)]
    pub(crate) client_ca: Option<PathBuf>,
    /// Allow plain HTTP on an address that others can reach
    #[arg(long, conflicts_with = "tls_cert")]
    pub(crate) insecure_http: bool,
    /// Address of /metrics and /healthz over plain HTTP, instead of beside the events
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Policy file (YAML or JSON); without it the default policy
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) policy: Option<PathBuf>,
    /// File with the key of the `pseudonym` action, instead of AUDITWEIR_PSEUDONYM_KEY
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) pseudonym_key_file: Option<PathBuf>,
    /// Shape of the output
    #[arg(long, value_enum, default_value_t, value_name = "SHAPE")]
    pub(crate) to: To,
    /// Folder for events on their way; one process at a time
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) spool: PathBuf,
    /// Most disk space for them; when it is used up, requests get 503
    #[arg(long, value_name = "SIZE", value_parser = units::size, default_value = "1GiB")]
    pub(crate) spool_max: u64,
    /// Largest body of a request; larger ones get 413
    #[arg(long, value_name = "SIZE", value_parser = units::size, default_value = "32MiB")]
    pub(crate) max_body: u64,
    /// Most bytes of bodies in memory; when they are used up, requests get 429
    #[arg(long, value_name = "SIZE", value_parser = units::size, default_value = "64MiB")]
    pub(crate) max_in_flight: u64,
    /// Number of filtering threads [default: number of processors]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,
    /// Where events go: `stdout`, `file:PATH` or `elasticsearch:URL`
    #[arg(long, value_name = "SINK", default_value = "stdout")]
    pub(crate) sink: Target,
    /// Put the file of the sink aside before it grows larger than this
    #[arg(long, value_name = "SIZE", value_parser = units::size, default_value = "100MiB")]
    pub(crate) rotate_size: u64,
    /// Put the file of the sink aside when it is older than this
    #[arg(long, value_name = "TIME", value_parser = units::time)]
    pub(crate) rotate_age: Option<Duration>,
    /// How many files put aside are kept
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) rotate_keep: u32,
    /// Index or data stream of the sink
    #[arg(long, value_name = "NAME", default_value = "logs-kubernetes.audit_logs-default")]
    pub(crate) index: String,
    /// File with the sink's credentials, instead of AUDITWEIR_SINK_AUTH
    ///
    /// It holds `ApiKey …`, `Bearer …`, `Basic …` or `user:password`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) sink_auth_file: Option<PathBuf>,
    /// Authorities (PEM) for the sink's certificate, instead of the public ones
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) sink_ca: Option<PathBuf>,
    /// File for documents that the index refuses for good [default: dead-letter.ndjson in --spool]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) dead_letter: Option<PathBuf>,
    /// Where alerts go, once for each sink; see below
    #[arg(long, value_name = "SINK")]
    pub(crate) alerts: Vec<AlertTarget>,
    /// Least level of what Alertmanager, PagerDuty, Slack and webhooks are told
    #[arg(long, value_enum, default_value_t = Severity::Medium, value_name = "LEVEL")]
    pub(crate) alerts_level: Severity,
    /// A group of alerts is over when no more have come for this time
    #[arg(long, value_name = "TIME", value_parser = units::time, default_value = "15m")]
    pub(crate) alerts_quiet: Duration,
    /// How often PagerDuty, Slack and webhooks are told that a group grows
    #[arg(long, value_name = "TIME", value_parser = units::time, default_value = "1h")]
    pub(crate) alerts_repeat: Duration,
    /// Index or data stream of alerts
    #[arg(long, value_name = "NAME", default_value = "logs-auditweir.alerts-default")]
    pub(crate) alerts_index: String,
    /// An API server that must be heard of: the name its webhook's URL ends in, /audit/NAME
    #[arg(long, value_name = "NAME", requires = "alerts")]
    pub(crate) expect: Vec<String>,
    /// An API server, or its log, is silent when nothing came for this time: an alert
    #[arg(long, value_name = "TIME", value_parser = units::time, default_value = "10m")]
    pub(crate) silent_after: Duration,
    /// The log that an API server writes here: an alert when it is removed, cut or stands still
    #[arg(long, value_name = "FILE", requires = "alerts", value_hint = ValueHint::FilePath)]
    pub(crate) audit_log: Option<PathBuf>,
    /// File with the credentials for Alertmanager, as in that of --sink-auth-file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) alertmanager_auth_file: Option<PathBuf>,
    /// File with the routing key of PagerDuty
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) pagerduty_key_file: Option<PathBuf>,
    /// File with the URL of Slack's incoming webhook
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) slack_url_file: Option<PathBuf>,
    /// File with the key that signs what webhooks get
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) webhook_key_file: Option<PathBuf>,
    /// How long the sink may take events after SIGTERM; the rest stays in the spool
    #[arg(long, value_name = "TIME", value_parser = units::time, default_value = "20s")]
    pub(crate) drain: Duration,
}

#[derive(Debug, Args)]
#[command(after_help = READ_CODES, after_long_help = format!("{REVIEW_NOTES}\n\n{READ_CODES}"))]
pub(crate) struct Review {
    /// Files to read; `-` is standard input
    #[arg(value_name = "FILES", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) setup: Setup,
    /// Write the report to this file as one HTML page, instead of a summary to standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) html: Option<PathBuf>,
    /// Print the report to standard output as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Rows per list, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) top: u8,
    /// No progress bar
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

const DETECT_NOTES: &str = "\
Input is what filter reads. A finding is one line of JSON:
  {\"id\": …, \"auditID\": …, \"time\": …, \"rule\": {\"id\", \"intent\", \"title\", \"level\"},
   \"answer\": \"match\" or \"cannot-tell\", \"why\": …, \"outcome\": …, \"actor\": …, \"target\": …,
   \"attack\": […]}
On a terminal it is a row of a table.

Rules see events as they are; what is shown has gone through the policy's redaction. What the policy
drops or lowers is looked at, too.";

#[derive(Debug, Args)]
#[command(after_help = DETECT_CODES, after_long_help = format!("{DETECT_NOTES}\n\n{DETECT_CODES}"))]
pub(crate) struct Detect {
    /// Files to read, in this order; `-` is standard input
    #[arg(value_name = "FILES", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) setup: Setup,
    /// Sigma rules to use instead of the pack: a file, or all .yaml and .yml files of a folder
    #[arg(long, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub(crate) rules: Vec<PathBuf>,
    /// Which answers to show
    #[arg(long, value_enum, default_value_t = Answers::Match, value_name = "WHICH")]
    pub(crate) answers: Answers,
    /// Least level of what is shown
    #[arg(long, value_enum, default_value_t = Severity::Informational, value_name = "LEVEL")]
    pub(crate) level: Severity,
    /// Exit with 1 when a rule of this level or above matches, or an input could not be read
    ///
    /// A log without events, or one that rules cannot judge, passes: it says so on standard error,
    /// and `rules coverage` beforehand.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) fail_on: Option<Severity>,
    /// No messages about inputs that cannot be read, rules that cannot tell and unused exceptions
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Which answers `detect` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Answers {
    /// Matches
    Match,
    /// Matches, and where a rule cannot tell
    All,
}

/// Level of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Severity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl From<Severity> for auditweir::rules::Severity {
    fn from(level: Severity) -> Self {
        match level {
            Severity::Informational => Self::Informational,
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Lists rules: intent, level, what they need, title
    #[command(after_help = RULES_CODES)]
    List {
        /// Rule files or folders; without them the pack
        #[arg(value_name = "FILES", value_hint = ValueHint::AnyPath)]
        files: Vec<PathBuf>,
        /// As JSON, one rule a line
        #[arg(long)]
        json: bool,
    },
    /// Checks rule files
    #[command(after_help = RULES_CHECK_CODES)]
    Check {
        /// Rule files or folders
        #[arg(required = true, value_name = "FILES", value_hint = ValueHint::AnyPath)]
        files: Vec<PathBuf>,
    },
    /// Says which rules a Kubernetes audit policy lets tell: always, sometimes or never
    #[command(after_help = RULES_CODES)]
    Coverage {
        /// The policy that kube-apiserver is given (`audit.k8s.io/v1`)
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        audit_policy: PathBuf,
        /// Rule files or folders; without them the pack
        #[arg(value_name = "FILES", value_hint = ValueHint::AnyPath)]
        files: Vec<PathBuf>,
        /// As JSON, one rule a line
        #[arg(long)]
        json: bool,
    },
    /// Runs the examples that rules bring
    #[command(after_help = RULES_TEST_CODES)]
    Test {
        /// Rule files or folders; without them the pack
        #[arg(value_name = "FILES", value_hint = ValueHint::AnyPath)]
        files: Vec<PathBuf>,
    },
}

const INIT_NOTES: &str = "\
What is written is complete and commented: the configuration for the version that is installed here,
a policy to start from, an audit policy for kube-apiserver, templates and dashboard of the index.
Then three commands are printed, to run next.

--check names each file that is missing, and reads those that it can; of others it says `there`.
It runs a synthetic event through the policy in every format, and has Fluent Bit or Vector check
their configuration. Then it starts a copy of that, or `serve`, with one event, and looks for it
in the configured index with the configured credentials, where it stays; with --sink-check off, in
a stand-in on this machine. A running shipper is left alone. Exit code 1 says that something
failed. FLUENT_BIT and VECTOR name programs that are not on the PATH.";

#[derive(Debug, Args)]
#[command(after_help = INIT_CODES, after_long_help = format!("{INIT_NOTES}\n\n{INIT_CODES}"))]
pub(crate) struct Init {
    /// What is set up
    #[arg(long = "for", value_enum, value_name = "PART")]
    pub(crate) target: Part,
    /// Folder to write to
    #[arg(long, value_name = "DIR", default_value = "auditweir", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
    /// Address of the cluster that stores the events
    #[arg(long, value_name = "URL", default_value = "https://elasticsearch.example.com:9200")]
    pub(crate) sink: String,
    /// What that cluster is
    #[arg(long, value_enum, default_value_t = Cluster::Elasticsearch, value_name = "CLUSTER")]
    pub(crate) cluster: Cluster,
    /// The audit log on the node
    #[arg(long, value_name = "FILE", default_value = "/var/log/kubernetes/audit/audit.log")]
    pub(crate) log: PathBuf,
    /// The program to set up, instead of the one on the PATH
    #[arg(long, value_name = "FILE", value_hint = ValueHint::ExecutablePath)]
    pub(crate) program: Option<PathBuf>,
    /// Check what is in the folder instead of writing it
    #[arg(long)]
    pub(crate) check: bool,
    /// Where --check looks for its event
    #[arg(long, value_enum, default_value_t = SinkCheck::On, value_name = "WHERE", requires = "check")]
    pub(crate) sink_check: SinkCheck,
    /// Write over files that differ
    #[arg(long, conflicts_with = "check")]
    pub(crate) force: bool,
}

/// Where the event of a check has to arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SinkCheck {
    /// At the sink of the configuration, which keeps it, and with its credentials
    On,
    /// At a stand-in on this machine
    Off,
}

/// What is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Fluent Bit with the native filter
    FluentBit,
    /// Vector with the Lua module, or with the command where it can load none
    Vector,
    /// This command as receiver of the audit webhook
    Serve,
    /// The API server: what it writes, and where to
    KubeApiserver,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Checks policy files and says what they do
    #[command(after_help = POLICY_CHECK_CODES)]
    Check {
        /// Policy files
        #[arg(required = true, value_name = "FILES", value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
    },
    /// Runs case files: what goes in, what must come out
    #[command(after_help = POLICY_TEST_CODES)]
    Test {
        /// Case files (YAML)
        #[arg(required = true, value_name = "FILES", value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
        /// Policy for all cases, instead of their own
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        policy: Option<PathBuf>,
    },
    /// Prints the JSON Schema of policy files
    Schema,
    /// Prints the default policy
    Show,
}

/// What stores and shows the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cluster {
    /// Elasticsearch and Kibana
    Elasticsearch,
    /// OpenSearch and OpenSearch Dashboards
    Opensearch,
}

/// How an input is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    /// By the file's name and its first line
    Auto,
    /// One event or envelope a line
    Ndjson,
    /// JSON texts that may go over several lines
    Json,
    /// YAML documents
    Yaml,
}

/// Shape of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct To(pub(crate) Format);

impl To {
    const ALL: [Self; Format::ALL.len()] = {
        let mut all = [Self(Format::ALL[0]); Format::ALL.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = Self(Format::ALL[at]);
            at += 1;
        }
        all
    };
}

impl ValueEnum for To {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()).help(self.0.about()))
    }
}
