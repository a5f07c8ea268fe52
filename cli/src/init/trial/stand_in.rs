//! A stand-in for the sink: takes whatever is sent by HTTP and says that it is stored.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use flate2::read::MultiGzDecoder;

use super::event::Event;
use super::sink::Found;

/// Most bytes of one request that are kept.
const MOST: u64 = 16 << 20;

/// Runs until the process ends.
pub(super) struct StandIn {
    port: u16,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl StandIn {
    pub(super) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bodies);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                thread::spawn(move || _ = serve(stream, &kept));
            }
        });
        Ok(Self { port, bodies })
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// The request that the event is in.
    pub(super) fn look(&self, event: &Event) -> Found {
        let bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = bodies.iter().map(|body| String::from_utf8_lossy(body));
        match texts.into_iter().find(|text| text.contains(event.name())) {
            Some(text) => Found::Document(text.into_owned()),
            None => Found::Not(String::new()),
        }
    }
}

/// Answers the requests of one connection.
fn serve(stream: TcpStream, bodies: &Mutex<Vec<Vec<u8>>>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let (mut length, mut zipped, mut chunked) = (0, false, false);
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let header = header.trim().to_ascii_lowercase();
            let Some((name, value)) = header.split_once(':') else { break };
            match (name, value.trim()) {
                ("content-length", value) => length = value.parse().unwrap_or(0),
                ("content-encoding", value) => zipped = value.contains("gzip"),
                ("transfer-encoding", value) => chunked = value.contains("chunked"),
                _ => {}
            }
        }
        let raw = if chunked { chunks(&mut reader)? } else { exactly(&mut reader, length)? };
        let mut body = Vec::new();
        if zipped {
            MultiGzDecoder::new(&raw[..]).take(MOST).read_to_end(&mut body)?;
        } else {
            body = raw;
        }
        // `_bulk` answers each pair of lines; others are content with any object.
        let items = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() / 2;
        let items = vec![r#"{"create":{"status":201}}"#; items].join(",");
        bodies.lock().unwrap_or_else(PoisonError::into_inner).push(body);
        let answer = format!(
            r#"{{"took":1,"errors":false,"items":[{items}],"status":"green","version":{{"number":"8.0.0"}}}}"#
        );
        write!(
            writer,
            "HTTP/1.1 200 OK\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
            answer.len()
        )?;
    }
}

fn exactly(reader: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    reader.take(length.min(MOST)).read_to_end(&mut body)?;
    Ok(body)
}

fn chunks(reader: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        reader.read_line(&mut size)?;
        let size = size.trim().split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16).map_err(io::Error::other)?;
        if body.len() as u64 + size > MOST {
            return Err(io::Error::other("too large"));
        }
        body.append(&mut exactly(reader, size)?);
        let mut end = String::new();
        reader.read_line(&mut end)?;
        if size == 0 {
            return Ok(body);
        }
    }
}
