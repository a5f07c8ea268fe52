//! The blocks of a guide that need this machine and no cluster, in their order.

use std::fs;
use std::time::Instant;

use super::{Tried, USUAL};
use crate::{Result, root};

const GUIDE: &str = "docs/guides/kind-k3s.md";

/// A block that ends, or one whose program goes on until the guide does.
enum Block<'a> {
    Try(&'a str),
    Start(&'a str),
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    for part in text.split("<!-- ").skip(1) {
        let Some((marker, rest)) = part.split_once(" -->\n```sh\n") else { continue };
        let Some((block, _)) = rest.split_once("\n```") else { continue };
        match marker {
            // Without a word more it is run by `tests/readme.rs`, too.
            "try" | "try: machine" => blocks.push(Block::Try(block)),
            "start: machine" => blocks.push(Block::Start(block)),
            _ => {}
        }
    }
    blocks
}

impl Tried<'_> {
    /// Types them; the programs that were started end with it.
    pub(super) fn guide(&mut self) -> Result<()> {
        let text = fs::read_to_string(root().join(GUIDE))?;
        let blocks = blocks(&text);
        self.part(
            "A guide",
            format!(
                "What [from a kind or k3s cluster to a dashboard](guides/kind-k3s.md) has its reader type, but for the cluster \
                 itself: {} blocks.",
                blocks.len()
            ),
        );
        // What the plugin has read before is read again.
        let place = "mkdir -p guide && cd guide && export PATH=$PATH:/opt/fluent-bit/bin";
        self.machine.run("rm -rf /var/lib/fluent-bit")?;
        let mut running = Vec::new();
        for block in blocks {
            let (Block::Try(text) | Block::Start(text)) = block;
            let began = Instant::now();
            let typed = format!("{place}\n{}", text.replace(USUAL, &self.url));
            let said = match block {
                Block::Try(_) => {
                    let said = self.machine.run(&typed)?;
                    if text.contains("/_search") && !said.contains("\"_source\"") {
                        return Err(format!("{text}: nothing is found: {said}").into());
                    }
                    String::new()
                }
                Block::Start(_) => {
                    running.push(self.machine.start(&typed)?);
                    self.arrived()?
                }
            };
            self.note(&text.replace('\n', "\n# "), &said, began)?;
        }
        if running.is_empty() {
            return Err("the guide starts nothing".into());
        }
        drop(running);
        self.forget()
    }
}
