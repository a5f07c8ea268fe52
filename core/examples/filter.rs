//! Audit lines on standard input, clean lines on standard output.

use std::io::{BufRead as _, Write as _};
use std::sync::Arc;

use auditweir::{Filter, Format, Policy};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Arc::new(Policy::default().compile()?); // or Policy::from_yaml(text)?
    let mut filter = Filter::new(policy, Format::Ecs); // one per thread
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let (mut line, mut clean) = (Vec::new(), Vec::new());
    while input.read_until(b'\n', &mut line)? > 0 {
        filter.apply(&line, &mut clean); // appends the lines that may go on
        output.write_all(&clean)?;
        line.clear();
        clean.clear();
    }
    Ok(())
}
