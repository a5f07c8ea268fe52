//! SIGTERM and SIGINT end the input between two reads: what was read is filtered and written.
//!
//! A second signal ends the process at once.

use std::io;

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use rustix::event::{PollFd, PollFlags, poll};
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    /// Tells whether a signal has come.
    #[derive(Clone)]
    pub(crate) struct Stop {
        signal: Arc<AtomicUsize>,
        wake: Arc<UnixStream>,
    }

    impl Stop {
        /// Takes over the signals of the process.
        pub(crate) fn install() -> io::Result<Self> {
            let signal = Arc::new(AtomicUsize::new(0));
            let again = Arc::new(AtomicBool::new(false));
            let (wake, sender) = UnixStream::pair()?;
            for number in [SIGTERM, SIGINT] {
                flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&again))?;
                flag::register(number, Arc::clone(&again))?;
                flag::register_usize(number, Arc::clone(&signal), number.unsigned_abs() as usize)?;
                low_level::pipe::register(number, sender.try_clone()?)?;
            }
            Ok(Self { signal, wake: Arc::new(wake) })
        }

        /// The signal that came, if any.
        pub(crate) fn signal(&self) -> Option<u8> {
            u8::try_from(self.signal.load(Ordering::SeqCst)).ok().filter(|number| *number > 0)
        }

        /// Waits until `input` can be read without blocking; false when a signal came first.
        pub(crate) fn wait(&self, input: BorrowedFd<'_>) -> bool {
            while self.signal().is_none() {
                let mut fds = [
                    PollFd::from_borrowed_fd(input, PollFlags::IN),
                    PollFd::from_borrowed_fd(self.wake.as_fd(), PollFlags::IN),
                ];
                match poll(&mut fds, None) {
                    Ok(_) if !fds[1].revents().is_empty() => return false,
                    Err(rustix::io::Errno::INTR) => {}
                    // What cannot be polled is left to `read` to complain about.
                    Ok(_) | Err(_) => return true,
                }
            }
            false
        }
    }
}

#[cfg(unix)]
pub(crate) use unix::Stop;

/// Without signals there is nothing to wait for.
#[cfg(not(unix))]
#[derive(Clone)]
pub(crate) struct Stop;

#[cfg(not(unix))]
impl Stop {
    pub(crate) fn install() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) fn signal(&self) -> Option<u8> {
        None
    }
}

/// An open input that ends early when a signal comes.
pub(crate) struct Stoppable<R> {
    /// The input.
    pub(crate) inner: R,
    /// Who says so.
    pub(crate) stop: Stop,
}

#[cfg(unix)]
impl<R: io::Read + std::os::fd::AsFd> io::Read for Stoppable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.wait(self.inner.as_fd()) { self.inner.read(buffer) } else { Ok(0) }
    }
}

#[cfg(not(unix))]
impl<R: io::Read> io::Read for Stoppable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}
