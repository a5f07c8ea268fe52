//! The spool as a whole: what comes back after which accident.

use std::path::PathBuf;
use std::sync::atomic::AtomicU32;

use proptest::prelude::*;

use super::*;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Relaxed);
        let name = format!("auditweir-spool-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn segments(&self) -> Vec<PathBuf> {
        let mut paths: Vec<_> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "segment"))
            .collect();
        paths.sort();
        paths
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All that a closed spool still holds.
fn rest(mut reader: Reader) -> String {
    let mut all = Vec::new();
    loop {
        let mut lines = Vec::new();
        match reader.read(&mut lines, 1, Duration::from_secs(5)).unwrap() {
            Read::Lines(_) => all.extend(lines),
            Read::Closed => return String::from_utf8(all).unwrap(),
            Read::Nothing => panic!("neither lines nor an end"),
        }
    }
}

fn put(writer: &mut Writer, lines: &[&str]) {
    for lines in lines {
        writer.append(lines.as_bytes()).unwrap();
        writer.commit().unwrap();
    }
}

#[test]
fn lines_come_back_in_order_over_restarts() {
    let folder = Folder::new();
    let (mut writer, mut reader, found) = open(&folder.0, 1 << 20).unwrap();
    assert_eq!(found, Found::default());
    put(&mut writer, &["a\n", "b\n"]);
    writer.append(b"c\n").unwrap();
    let mut lines = Vec::new();
    let Read::Lines(end) = reader.read(&mut lines, 1, Duration::ZERO).unwrap() else { panic!() };
    assert_eq!(lines, b"a\n");
    reader.confirm(end).unwrap();
    // Not durable yet, so not to be seen.
    lines.clear();
    reader.read(&mut lines, 100, Duration::ZERO).unwrap();
    assert_eq!(lines, b"b\n");
    assert_eq!(reader.read(&mut lines, 100, Duration::ZERO).unwrap(), Read::Nothing);
    drop((writer, reader));

    // `b` was read and not confirmed; `c` was written, if not acknowledged.
    let (writer, reader, found) = open(&folder.0, 1 << 20).unwrap();
    assert!(found.waiting > 0 && found.torn == 0);
    drop(writer);
    assert_eq!(rest(reader), "b\nc\n");
}

#[test]
fn what_is_delivered_is_deleted_and_numbers_go_on() {
    let folder = Folder::new();
    let mut last = 0;
    for _ in 0..3 {
        let (mut writer, mut reader, found) = open(&folder.0, 64 << 10).unwrap();
        assert_eq!(found.waiting, 0);
        assert!(writer.number > last);
        for _ in 0..100 {
            put(&mut writer, &[&("x".repeat(4000) + "\n")]);
            let mut lines = Vec::new();
            let Read::Lines(end) = reader.read(&mut lines, 1, Duration::ZERO).unwrap() else {
                panic!()
            };
            reader.confirm(end).unwrap();
        }
        last = writer.number;
        assert!(last > 20, "{last}");
        assert!(folder.segments().len() <= 2);
    }
}

#[test]
fn one_process_at_a_time() {
    let folder = Folder::new();
    let _open = open(&folder.0, 1 << 20).unwrap();
    let second = open(&folder.0, 1 << 20).err().unwrap();
    assert_eq!(second.kind(), io::ErrorKind::ResourceBusy);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let (mut writer, reader, _) = open(&folder.0, 1 << 20).unwrap();
    put(&mut writer, &["a\n"]);
    reader.confirm(Position::start_of(1)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.0), 0o700);
    for entry in fs::read_dir(&folder.0).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

/// A torn tail at every byte: all before it comes back, nothing of it does.
#[test]
fn tails_torn_at_every_byte() {
    let folder = Folder::new();
    let (mut writer, _, _) = open(&folder.0, 1 << 20).unwrap();
    put(&mut writer, &["first\n", "second\n"]);
    let whole = writer.written;
    put(&mut writer, &["third, which is torn\n"]);
    let end = writer.written;
    drop(writer);
    let path = folder.segments().remove(0);
    let bytes = fs::read(&path).unwrap();
    for cut in FIRST..=end {
        for garbage in [&b""[..], &[0; 40], &[0xff; 3]] {
            let folder = Folder::new();
            fs::create_dir_all(&folder.0).unwrap();
            let torn = [&bytes[..cut as usize], garbage].concat();
            fs::write(folder.0.join(path.file_name().unwrap()), &torn).unwrap();
            let (mut writer, reader, found) = open(&folder.0, 1 << 20).unwrap();
            assert_eq!(found.damaged, 0);
            put(&mut writer, &["new\n"]);
            drop(writer);
            let first = FIRST + record::HEAD as u64 + 6;
            let expected = match cut {
                cut if cut == end => "first\nsecond\nthird, which is torn\nnew\n",
                cut if cut >= whole => "first\nsecond\nnew\n",
                cut if cut >= first => "first\nnew\n",
                _ => "new\n",
            };
            assert_eq!(rest(reader), expected, "{cut}");
        }
    }
}

/// A flipped byte anywhere costs the record it is in, no other, and is counted.
#[test]
fn a_damaged_byte_costs_one_record() {
    let records = ["first\n", "second\n", "third\n"];
    let folder = Folder::new();
    let (mut writer, _, _) = open(&folder.0, 1 << 20).unwrap();
    put(&mut writer, &records);
    drop(writer);
    let path = folder.segments().remove(0);
    let bytes = fs::read(&path).unwrap();
    for at in FIRST as usize..bytes.len() {
        for newest in [true, false] {
            let folder = Folder::new();
            fs::create_dir_all(&folder.0).unwrap();
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x20;
            fs::write(folder.0.join(path.file_name().unwrap()), &damaged).unwrap();
            if !newest {
                fs::write(segment::path(&folder.0, 9), segment::MAGIC).unwrap();
            }
            let (writer, reader, found) = open(&folder.0, 1 << 20).unwrap();
            let shared = Arc::clone(writer.shared());
            drop(writer);
            let mut end = FIRST as usize;
            let hit = records.iter().position(|lines| {
                end += record::HEAD + lines.len();
                at < end
            });
            let left: String = (0..3).filter(|n| Some(*n) != hit).map(|n| records[n]).collect();
            assert_eq!(rest(reader), left, "{at}");
            let size = (record::HEAD + records[hit.unwrap()].len()) as u64;
            // The last record of the newest segment could as well have been torn.
            let torn = newest && hit == Some(2);
            assert_eq!(found.torn, if torn { size } else { 0 }, "{at}");
            // Skipped once when opening and once when reading.
            assert!(torn || shared.damaged() >= size, "{at}");
        }
    }
}

#[test]
fn the_bound_holds_and_room_comes_back() {
    let folder = Folder::new();
    let limit = 64 << 10;
    let (mut writer, mut reader, _) = open(&folder.0, limit).unwrap();
    let line = "x".repeat(999) + "\n";
    for _ in 0..3 {
        let mut taken = 0;
        while writer.append(line.as_bytes()).is_ok() {
            writer.commit().unwrap();
            taken += 1;
        }
        assert!(matches!(writer.append(line.as_bytes()), Err(AppendError::Full)));
        assert!(taken > 50, "{taken}");
        let size: u64 =
            folder.segments().iter().map(|path| fs::metadata(path).unwrap().len()).sum();
        assert_eq!(size, writer.shared().bytes());
        assert!(size <= limit + FIRST, "{size}");
        let (mut lines, mut size) = (Vec::new(), 0);
        while let Read::Lines(end) = reader.read(&mut lines, 5000, Duration::ZERO).unwrap() {
            reader.confirm(end).unwrap();
            size += lines.len();
            lines.clear();
        }
        assert_eq!(size, taken * line.len());
        assert_eq!(reader.shared.waiting(), 0);
    }
}

#[test]
fn a_lost_position_gives_lines_twice_but_loses_none() {
    let folder = Folder::new();
    let (mut writer, mut reader, _) = open(&folder.0, 1 << 20).unwrap();
    put(&mut writer, &["a\n", "b\n"]);
    let mut lines = Vec::new();
    let Read::Lines(end) = reader.read(&mut lines, 1, Duration::ZERO).unwrap() else { panic!() };
    reader.confirm(end).unwrap();
    drop((writer, reader));
    fs::write(folder.0.join("position"), "1 1 2").unwrap();
    let (writer, reader, _) = open(&folder.0, 1 << 20).unwrap();
    drop(writer);
    assert_eq!(rest(reader), "a\nb\n");
}

#[test]
fn records_end_at_line_ends() {
    let long = "l".repeat(RECORD + 5) + "\n";
    let text = "a\n".repeat(RECORD / 2 - 1) + "bcd\n" + &long + "e\n";
    let parts = records(text.as_bytes());
    assert_eq!(parts.concat(), text.as_bytes());
    assert!(parts.iter().all(|part| part.ends_with(b"\n")));
    assert!(parts.contains(&long.as_bytes()));
    assert_eq!(parts.len(), 4);
    assert!(records(b"").is_empty());
}

#[derive(Clone, Debug)]
enum Step {
    Append(u16),
    Commit,
    Read(bool),
    /// The process ends; of what was not durable that much of a thousand stays, and then garbage.
    Crash(u16, Vec<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..3000_u16).prop_map(Step::Append),
        3 => Just(Step::Commit),
        2 => any::<bool>().prop_map(Step::Read),
        1 => (0..=1000_u16, proptest::collection::vec(any::<u8>(), 0..30))
            .prop_map(|(kept, garbage)| Step::Crash(kept, garbage)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order: all that was committed comes out, in order, at least
    /// once, and nothing that was confirmed comes again.
    #[test]
    fn nothing_committed_is_lost(steps in proptest::collection::vec(step(), 1..60)) {
        let folder = Folder::new();
        let open_it = || open(&folder.0, 64 << 20).unwrap();
        let (mut writer, mut reader, _) = open_it();
        writer.segment_limit = 10_000;
        let mut number = 0_u64;
        // Committed and not confirmed; appended and not committed.
        let (mut owed, mut maybe) = (Vec::<u64>::new(), Vec::<u64>::new());
        for step in steps.into_iter().chain([Step::Commit]) {
            match step {
                Step::Append(size) => {
                    let line = format!("{number} {}\n", "x".repeat(size.into()));
                    writer.append(line.as_bytes()).unwrap();
                    maybe.push(number);
                    number += 1;
                }
                Step::Commit => {
                    writer.commit().unwrap();
                    owed.append(&mut maybe);
                }
                Step::Read(confirm) => {
                    let mut lines = Vec::new();
                    match reader.read(&mut lines, 2000, Duration::ZERO).unwrap() {
                        Read::Lines(end) => {
                            let numbers = numbers(&lines);
                            prop_assert!(owed.starts_with(&numbers));
                            if confirm {
                                reader.confirm(end).unwrap();
                                owed.drain(..numbers.len());
                            } else {
                                // The sink failed; only a new start reads it again.
                                drop((writer, reader));
                                (writer, reader, _) = open_it();
                                writer.segment_limit = 10_000;
                                owed.append(&mut maybe);
                            }
                        }
                        other => {
                            prop_assert_eq!(other, Read::Nothing);
                            prop_assert!(owed.is_empty());
                        }
                    }
                }
                Step::Crash(kept, garbage) => {
                    let (durable, written) = (writer.durable, writer.written);
                    let path = segment::path(&folder.0, writer.number);
                    drop((writer, reader));
                    let stays = durable + (written - durable) * u64::from(kept) / 1000;
                    let mut bytes = fs::read(&path).unwrap();
                    bytes.truncate(stays as usize);
                    bytes.extend(garbage);
                    fs::write(&path, bytes).unwrap();
                    (writer, reader, _) = open_it();
                    writer.segment_limit = 10_000;
                    // Some of those may have survived. Look, without confirming.
                    let (w, left) = (writer, rest_of(&mut reader));
                    prop_assert!(left.starts_with(&owed), "{:?} {:?}", left, owed);
                    let all: Vec<u64> = owed.iter().chain(&maybe).copied().collect();
                    prop_assert!(all.starts_with(&left));
                    owed = left;
                    maybe.clear();
                    drop((w, reader));
                    (writer, reader, _) = open_it();
                    writer.segment_limit = 10_000;
                }
            }
        }
        drop(writer);
        prop_assert_eq!(rest_of(&mut reader), owed);
    }
}

fn numbers(lines: &[u8]) -> Vec<u64> {
    let lines = std::str::from_utf8(lines).unwrap();
    lines.lines().map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect()
}

/// All that can be read now. Segments read to their end are deleted, so those are put back.
fn rest_of(reader: &mut Reader) -> Vec<u64> {
    let folder = reader.shared.folder.clone();
    let kept: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (fs::read(&path).unwrap(), path))
        .collect();
    let mut lines = Vec::new();
    while let Read::Lines(_) = reader.read(&mut lines, usize::MAX, Duration::ZERO).unwrap() {}
    for (bytes, path) in kept {
        fs::write(path, bytes).unwrap();
    }
    numbers(&lines)
}
