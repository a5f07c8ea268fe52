//! Bounded memory: a line of 200 MiB, a file of many events.

#[cfg(target_os = "linux")]
#[allow(clippy::print_stderr, reason = "the peak is worth reading")]
mod linux {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::process::Child;

    use super::super::*;

    /// The most memory that a process has had, in KiB.
    fn peak(child: &Child) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("status");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("VmHWM");
        line.split_whitespace().nth(1).and_then(|size| size.parse().ok()).expect("a size")
    }

    /// Feeds 200 MiB made of `part`, then checks stub and memory.
    fn long(head: &str, part: &[u8], tail: &str, bytes: u64, args: &[&str], stub: &str) {
        let mut child = auditweir(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("auditweir");
        let mut stdin = child.stdin.take().expect("stdin");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
        writeln!(stdin, "{}", secret(1)).expect("write");
        stdin.write_all(head.as_bytes()).expect("write");
        for _ in 0..(200 << 20) / part.len() {
            stdin.write_all(part).expect("write");
        }
        writeln!(stdin, "{tail}\n{}", secret(2)).expect("write");
        let mut read = || {
            let mut line = String::new();
            stdout.read_line(&mut line).expect("read");
            lines(line.as_bytes()).remove(0)
        };
        assert_eq!(read()["auditID"], "id-1");
        let refused = read();
        assert_eq!(refused["auditweir"]["stub"], stub);
        assert_eq!(refused["auditweir"]["bytes"], bytes);
        assert_eq!(refused["auditID"], "long", "the stub names the event");
        assert!(refused["auditweir"]["rejected"].is_null());
        assert_eq!(read()["auditID"], "id-2");
        let peak = peak(&child);
        drop(stdin);
        assert!(child.wait().expect("end").success());
        eprintln!("peak memory: {peak} KiB");
        assert!(peak < 80 << 10, "{peak} KiB");
    }

    #[test]
    fn a_line_of_200_mib_is_refused_in_bounded_memory() {
        let head = r#"{"kind":"Event","auditID":"long","verb":"create","requestObject":{"a":""#;
        let part = vec![b'x'; 1 << 20];
        let bytes = (200 << 20) + head.len() as u64 + 3;
        long(head, &part, "\"}}", bytes, &["filter"], "line-too-long");
    }

    #[test]
    fn so_is_one_that_a_container_runtime_split() {
        let time = "2024-01-01T00:00:00.123456789Z stdout";
        let head = r#"{"kind":"Event","auditID":"long","verb":"create","requestObject":{"a":""#;
        let content = "x".repeat(16 << 10);
        let part = format!("{time} P {content}\n");
        let parts = (200 << 20) / part.len() as u64;
        let bytes = time.len() as u64 + 3 + head.len() as u64 + parts * (16 << 10) + 3;
        let head = format!("{time} P {head}\n");
        let tail = format!("{time} F \"}}}}");
        long(&head, part.as_bytes(), &tail, bytes, &["filter"], "line-too-long");
    }

    #[test]
    fn memory_does_not_grow_with_the_input() {
        let mut child = auditweir(&["filter", "--jobs", "2"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("auditweir");
        let mut stdin = child.stdin.take().expect("stdin");
        let text = format!("{}\n", secret(1)).repeat(1000);
        let mut after = [0; 2];
        for peak_now in &mut after {
            for _ in 0..30 {
                stdin.write_all(text.as_bytes()).expect("write");
            }
            *peak_now = peak(&child);
        }
        drop(stdin);
        assert!(child.wait().expect("end").success());
        assert!(after[1] < after[0] + (4 << 10), "{after:?} KiB");
        assert!(after[1] < 40 << 10, "{after:?} KiB");
    }
}
