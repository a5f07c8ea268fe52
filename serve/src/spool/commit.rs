//! Group commit: one thread writes what all requests bring and shares each trip to disk among
//! those that wait.

use std::sync::mpsc::Receiver;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{AppendError, Writer};

/// Most bytes of lines brought to disk at once.
const GROUP: usize = 8 << 20;

/// The clean lines of one request.
pub(crate) struct Batch {
    pub(crate) lines: Vec<u8>,
    /// Their share of the memory bound.
    pub(crate) permit: OwnedSemaphorePermit,
    /// Told when they are on disk, or why not.
    pub(crate) done: oneshot::Sender<Result<(), AppendError>>,
}

/// Writes batches until nobody sends any more. `synced` is called with the number of batches after
/// each trip to disk.
pub(crate) fn commit(mut writer: Writer, batches: &Receiver<Batch>, synced: &dyn Fn(usize)) {
    while let Ok(first) = batches.recv() {
        let mut waiting = Vec::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(Batch { lines, permit, done }) = next {
            let appended = writer.append(&lines);
            bytes += lines.len();
            drop((lines, permit));
            match appended {
                Ok(()) => waiting.push(done),
                // Who asked may be gone; nobody else needs to know.
                Err(error) => drop(done.send(Err(error))),
            }
            next = if bytes < GROUP { batches.try_recv().ok() } else { None };
        }
        if waiting.is_empty() {
            continue;
        }
        let result = writer.commit();
        synced(waiting.len());
        for done in waiting {
            let told = match &result {
                Ok(()) => Ok(()),
                Err(error) => Err(AppendError::Io(error.kind().into())),
            };
            // Who asked may be gone.
            let _ = done.send(told);
        }
    }
}
