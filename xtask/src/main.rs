//! Commands for work on the repository: `cargo xtask COMMAND`, one file or folder per command.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to its terminal")]

mod apiserver_corpus;
mod apiserver_detections;
mod bench_report;
mod chart;
mod dist;
mod first_value;
mod fluent_bit;
mod noise;
mod review_shot;
mod score;
mod stack;
mod vector;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Any error; its text says what was done and to what.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: cargo xtask COMMAND [OPTION]

  bench-report                  measure all, write docs/performance.md, .svg, docs/instructions.txt
  bench-report --only NAME      only that part: default, native, preserve-order, mimalloc, floods,
                                instructions, shells; then write the documents from all that is
                                measured
  bench-report --render         write the documents from what was measured before
  fluent-bit [EVENTS] [--no-wasm]  what each route costs in the Fluent Bit that FLUENT_BIT names;
                                writes that section of docs/performance.md
  vector [EVENTS]               what it costs in the Vector that VECTOR names, beside its rivals; writes
                                that section of docs/performance.md
  vector live [MINUTES]         what becomes of events when its sink is slow or away and when it is killed,
                                and of memory; writes that section of docs/hosts.md
  soak [CALLS [SHELL]]          call each host shell ten million times, print what memory it holds
  stack-test                    index the corpus and hostile events in a real OpenSearch, run what
                                dashboards and detection rules ask, compare with raw events
  opensearch                    start a server of the stack tests, print its URL, run until
                                standard input ends
  review-shot                   docs/review.png, the page of auditweir review (needs chromium)
  chart                         render the Helm chart, ask a real kube-apiserver about each object
                                (needs Go)
  dist [--profile NAME]         all that a release has, in target/dist
  dist --here                   only for the processor of this machine
  dist --check                  and pack it twice, and install each package in an empty root
  dist --rebuild                and compile the command twice, and compare
  dist --all                    and fail where a tool is missing
  dist --write                  --check, and write docs/packages.md
  first-value [--write]         what a new user types, from an empty Debian and the packages of dist to
                                events in a real OpenSearch; writes docs/first-value.md (as root; needs
                                debootstrap, FLUENT_BIT, VECTOR)
  score                         docs/score.md: what redaction finds, what it takes too much
  noise [--write]               how many alerts come of logs in which nothing happens: of our rules, of
                                Falco's, of Elastic's if ELASTIC_RULES names a checkout of them;
                                writes docs/noise.md
  apiserver-corpus              build and drive a real kube-apiserver (needs Go), judge what it logged
  apiserver-corpus --seed NUMBER
  apiserver-corpus --write      with tokens that may be published; write tests/corpora/kube-apiserver-*
  apiserver-corpus --judge      judge the last run again
  apiserver-corpus --auditweir FILE  that binary's `serve` instead of one built here
  apiserver-detections          attacks on a real kube-apiserver at each audit level (needs Go), and what
                                auditweir detect says of them and of what only looks like them
  apiserver-detections --write  and write docs/detections-on-a-real-api-server.md
  apiserver-detections --judge  judge the last run again
  apiserver-detections --auditweir FILE  that binary instead of one built here";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.split_first() {
        Some((&"bench-report", options)) => bench_report::run(options),
        Some((&"fluent-bit", options)) => fluent_bit::run(options),
        Some((&"vector", options)) => vector::run(options),
        Some((&"soak", options)) => bench_report::soak(options),
        Some((&"opensearch", [])) => stack::opensearch(),
        Some((&"stack-test", [])) => stack::test(),
        Some((&"review-shot", [])) => review_shot::run(),
        Some((&"dist", options)) => dist::run(options),
        Some((&"first-value", options)) => first_value::run(options),
        Some((&"chart", [])) => chart::run(),
        Some((&"score", [])) => score::run(),
        Some((&"noise", options)) => noise::run(options),
        Some((&"apiserver-corpus", options)) => apiserver_corpus::run(options),
        Some((&"apiserver-detections", options)) => apiserver_detections::run(options),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Top of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_path_buf()
}
