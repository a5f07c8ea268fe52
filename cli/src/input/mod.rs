//! Opens inputs: files and standard input, plain, gzip or zstd by their first bytes.
//!
//! [`cut`] makes pieces of what is in them: [`split`] divides, [`yaml`] converts.

mod cut;
mod split;
pub(crate) mod yaml;

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::args::InputFormat;
use crate::exit::Error;
use crate::signal::{Stop, Stoppable};
pub(crate) use cut::Cutter;

/// Bytes read at once.
pub(crate) const CHUNK: usize = 256 << 10;

/// An open input, decompressed.
pub(crate) struct Input {
    /// Name in messages.
    pub(crate) name: Arc<str>,
    /// How it is divided; `Auto` when the first line must tell.
    pub(crate) format: InputFormat,
    /// Whether the first line alone may not be a whole event: a name in `.json`.
    pub(crate) may_be_document: bool,
    /// Whether input may pause, so that what has come must go on at once.
    pub(crate) may_pause: bool,
    reader: Box<dyn Read + Send>,
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

/// Whether a path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens `path`. `read` counts bytes before decompression.
pub(crate) fn open(
    path: &Path,
    format: InputFormat,
    stop: &Stop,
    read: &Arc<AtomicU64>,
) -> Result<Input, Error> {
    if is_stdin(path) {
        let raw = Stoppable { inner: stdin()?, stop: stop.clone() };
        return decompress(Box::new(raw))
            .map(|reader| Input {
                name: "standard input".into(),
                format,
                may_be_document: false,
                may_pause: true,
                reader,
            })
            .map_err(|error| Error::Other(format!("standard input: {error}")));
    }
    let file = File::open(path).map_err(|error| Error::file(path, error))?;
    let kind = file.metadata().map_err(|error| Error::file(path, error))?;
    if kind.is_dir() {
        return Err(Error::file(path, io::ErrorKind::IsADirectory.into()));
    }
    let name: Arc<str> = path.display().to_string().into();
    let raw =
        Counted { inner: Stoppable { inner: file, stop: stop.clone() }, read: Arc::clone(read) };
    let reader = decompress(Box::new(raw)).map_err(|error| Error::file(path, error))?;
    let ending = ending(path);
    Ok(Input {
        name,
        format: match (format, ending.as_deref()) {
            (InputFormat::Auto, Some("yaml" | "yml")) => InputFormat::Yaml,
            _ => format,
        },
        may_be_document: ending.as_deref() == Some("json"),
        may_pause: !kind.is_file(),
        reader,
    })
}

/// The file name's ending in lower case, under that of a compressed file.
fn ending(path: &Path) -> Option<String> {
    let of = |path: &Path| Some(path.extension()?.to_str()?.to_ascii_lowercase());
    let outer = of(path)?;
    if matches!(outer.as_str(), "gz" | "zst") {
        of(Path::new(path.file_stem()?))
    } else {
        Some(outer)
    }
}

/// Standard input without the standard library's buffer, which would hide what waits in it.
#[cfg(unix)]
fn stdin() -> Result<File, Error> {
    use std::os::fd::AsFd as _;
    io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map(File::from)
        .map_err(|error| Error::Other(format!("standard input: {error}")))
}

#[cfg(not(unix))]
fn stdin() -> Result<io::Stdin, Error> {
    Ok(io::stdin())
}

struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn decompress(mut raw: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut head = vec![0; 64 << 10];
    let mut len = 0;
    while len < 4 {
        match raw.read(&mut head[len..]) {
            Ok(0) => break,
            Ok(count) => len += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    head.truncate(len);
    let gzip = head.starts_with(&[0x1f, 0x8b]);
    // A frame or a skippable frame.
    let zstd = head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
        || head.get(1..4) == Some(&[0x2a, 0x4d, 0x18]) && head[0] & 0xf0 == 0x50;
    let raw = Cursor::new(head).chain(raw);
    Ok(if gzip {
        Box::new(Named {
            what: "gzip",
            inner: MultiGzDecoder::new(BufReader::with_capacity(64 << 10, raw)),
        })
    } else if zstd {
        Box::new(Named { what: "zstd", inner: Zstd::new(BufReader::with_capacity(64 << 10, raw)) })
    } else {
        Box::new(raw)
    })
}

/// Puts what is broken into a decoder's errors; their own texts are about its insides.
struct Named<R> {
    what: &'static str,
    inner: R,
}

impl<R: Read> Read for Named<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                io::Error::new(error.kind(), format!("{} ends too early", self.what))
            }
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::Other => {
                io::Error::new(io::ErrorKind::InvalidData, format!("broken {}", self.what))
            }
            _ => error,
        })
    }
}

/// All frames of a zstd file, one after the other.
struct Zstd<R> {
    source: R,
    decoder: FrameDecoder,
    open: bool,
}

impl<R: io::BufRead> Zstd<R> {
    fn new(source: R) -> Self {
        Self { source, decoder: FrameDecoder::new(), open: false }
    }

    /// Opens the next frame; false at the end.
    fn next(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    let skipped = io::copy(&mut (&mut self.source).take(length), &mut io::sink())?;
                    if skipped < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(_) => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
        Ok(false)
    }
}

impl<R: io::BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.open {
                if !self.next()? {
                    return Ok(0);
                }
                self.open = true;
            }
            // Reads before it decodes: what is ready goes on while the next block is not there.
            let count = self.decoder.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            if self.decoder.is_finished() {
                let (told, computed) =
                    (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum());
                if told.is_some() && told != computed {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                self.open = false;
                continue;
            }
            if self.source.fill_buf()?.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let block =
                self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
            if block.is_err() {
                let ended = self.source.fill_buf()?.is_empty();
                let kind =
                    if ended { io::ErrorKind::UnexpectedEof } else { io::ErrorKind::InvalidData };
                return Err(kind.into());
            }
        }
    }
}
