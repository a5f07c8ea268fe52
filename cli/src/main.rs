//! `auditweir`: command line filter for Kubernetes audit logs.

use std::io::{BufRead, Write};
use std::sync::Arc;

use auditweir::{Filter, Format, Policy};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Arc::new(Policy::default().compile()?);
    let mut filter = Filter::new(policy, Format::Native);
    let mut input = std::io::stdin().lock();
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut line, mut out) = (Vec::new(), Vec::new());
    while input.read_until(b'\n', &mut line)? > 0 {
        filter.apply(&line, &mut out);
        output.write_all(&out)?;
        line.clear();
        out.clear();
    }
    output.flush()?;
    Ok(())
}
