//! The command line: one definition from which parser, help, completions and man pages come.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes:
  0    all went well, also when whoever reads the output goes away
  1    --strict and an input became a stub; a policy check or policy test failed
  2    wrong usage, a bad policy, a file that cannot be read or written
  130  ended by SIGINT after the lines read so far were written
  143  ended by SIGTERM after the lines read so far were written";

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
    /// Checks, tests and describes policies
    #[command(subcommand)]
    Policy(Policy),
    /// Prints shell completions
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Prints the man page, or writes the pages of all commands
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
    /// Its bytes are the key, less one newline at the end.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) pseudonym_key_file: Option<PathBuf>,
    /// How the input is divided into events
    #[arg(long, value_enum, default_value_t = InputFormat::Auto, value_name = "FORMAT")]
    pub(crate) input_format: InputFormat,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES, after_long_help = format!("{FILTER_NOTES}\n\n{EXIT_CODES}"))]
pub(crate) struct Filter {
    /// Files to read, in this order; `-` is standard input
    #[arg(value_name = "FILES", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) setup: Setup,
    /// Shape of the output
    #[arg(long, value_enum, default_value_t = To::Native, value_name = "SHAPE")]
    pub(crate) to: To,
    /// Write the stubs of rejected inputs to this file instead of standard output
    ///
    /// They say what was wrong and where. They hold no input.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) reject: Option<PathBuf>,
    /// Stop at the first input that becomes a stub, with exit code 1
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
#[command(after_help = EXIT_CODES)]
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

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES, after_long_help = format!("{REVIEW_NOTES}\n\n{EXIT_CODES}"))]
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
    /// Rows per list
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) top: u8,
    /// No progress bar
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Checks policy files and says what they do
    #[command(after_help = EXIT_CODES)]
    Check {
        /// Policy files
        #[arg(required = true, value_name = "FILES", value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
    },
    /// Runs case files: what goes in, what must come out
    #[command(after_help = EXIT_CODES)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum To {
    /// The event as it came, less what was taken out, plus one `auditweir` member
    Native,
    /// Elastic Common Schema
    Ecs,
}

impl From<To> for auditweir::Format {
    fn from(to: To) -> Self {
        match to {
            To::Native => Self::Native,
            To::Ecs => Self::Ecs,
        }
    }
}
