//! What log programs write before a line: one function a shape.

use crate::unwrap::sources::{self, Container, Told};

#[derive(Default)]
pub(super) struct Prefix<'a> {
    pub(super) len: usize,
    pub(super) time: Option<&'a [u8]>,
    pub(super) partial: bool,
    /// A container runtime wrote it.
    pub(super) node: bool,
    /// It names a container that is no API server's.
    pub(super) foreign: bool,
    /// It is nothing but a name.
    pub(super) bare: bool,
}

impl Prefix<'_> {
    /// One that names a container.
    fn of(len: usize, container: Container<'_>) -> Self {
        Self { len, foreign: container.is_workload(), ..Self::default() }
    }

    /// One that names a file.
    fn of_file(len: usize, path: &[u8]) -> Self {
        let foreign = Container::of_path(path).is_some_and(Container::is_workload);
        Self { len, foreign, ..Self::default() }
    }
}

/// Reads a prefix of one shape off the head of a line.
pub(super) type Shape = for<'a> fn(&'a [u8]) -> Option<Prefix<'a>>;

/// The known shapes.
pub(super) static SHAPES: &[Shape] = &[
    cri,
    timestamp,
    spaced,
    full,
    syslog,
    cee,
    traditional,
    monotonic,
    bracketed,
    compose,
    named,
    tagged,
    file,
    stern,
    node,
    address,
    labels,
    ovh,
    awslogs,
];

/// The word at the start, ended by a space, and what follows the spaces after it.
pub(super) fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr2(b' ', b'\t', text)?;
    let rest = text[end..].trim_ascii_start();
    (end > 0).then_some((&text[..end], rest))
}

pub(super) fn is_time(word: &[u8]) -> bool {
    matches!(word, [b'1'..=b'2', b, ..] if b.is_ascii_digit())
        && (19..=40).contains(&word.len())
        && word.get(4) == Some(&b'-')
        && word.get(10) == Some(&b'T')
        && word.iter().all(|b| b.is_ascii_digit() || b"-:.+TZ".contains(b))
}

fn after<'a>(head: &'a [u8], rest: &'a [u8]) -> usize {
    head.len() - rest.len()
}

/// CRI: `2026-03-02T10:00:00.01Z stdout F `
fn cri(head: &[u8]) -> Option<Prefix<'_>> {
    let (time, rest) = word(head)?;
    let (stream, rest) = word(rest)?;
    if !is_time(time) || !matches!(stream, b"stdout" | b"stderr") {
        return None;
    }
    let (tag, len) = match memchr::memchr(b' ', rest) {
        Some(end) => (&rest[..end], after(head, rest) + end + 1),
        None => (rest, head.len()),
    };
    let partial = tag.first() == Some(&b'P');
    Some(Prefix { len, time: Some(time), partial, node: true, ..Prefix::default() })
}

/// `@cee:`, with which syslog announces JSON.
fn cee(head: &[u8]) -> Option<Prefix<'_>> {
    let rest = head.strip_prefix(b"@cee:")?;
    Some(Prefix { len: after(head, rest), ..Prefix::default() })
}

/// `kubectl logs --timestamps`, an export of a log group.
fn timestamp(head: &[u8]) -> Option<Prefix<'_>> {
    let (time, rest) = word(head)?;
    let host = word(rest);
    if !is_time(time) {
        return None;
    }
    // rsyslog and journalctl with ISO times: `TIME HOST TAG[PID]: `
    if let Some((host, rest)) = host
        && is_host(host)
        && let Some((foreign, rest)) = tag(rest)
    {
        let len = after(head, rest);
        return Some(Prefix { len, time: Some(time), foreign, ..Prefix::default() });
    }
    Some(Prefix { len: after(head, rest), time: Some(time), ..Prefix::default() })
}

/// A time with a space in it, as databases, dashboards and Go's loggers write:
/// `2026-03-02 10:00:00.01 `, perhaps with a zone behind it.
fn spaced(head: &[u8]) -> Option<Prefix<'_>> {
    let (date, rest) = word(head)?;
    let (clock, rest) = word(rest)?;
    if !is_date(date) || !is_clock(clock) {
        return None;
    }
    let rest = word(rest).filter(|(zone, _)| is_zone(zone)).map_or(rest, |(_, rest)| rest);
    Some(Prefix { len: after(head, rest), ..Prefix::default() })
}

/// `Mon 2026-03-02 10:00:00 UTC HOST TAG[PID]: `, as `journalctl -o short-full` writes.
fn full(head: &[u8]) -> Option<Prefix<'_>> {
    const DAYS: &[u8] = b"MonTueWedThuFriSatSun";
    let (day, rest) = word(head)?;
    let (date, rest) = word(rest)?;
    let (clock, rest) = word(rest)?;
    let (zone, rest) = word(rest)?;
    let (host, rest) = word(rest)?;
    if day.len() != 3
        || !DAYS.chunks(3).any(|known| known == day)
        || !(is_date(date) && is_clock(clock) && is_zone(zone) && is_host(host))
    {
        return None;
    }
    let (foreign, rest) = tag(rest)?;
    Some(Prefix { len: after(head, rest), foreign, ..Prefix::default() })
}

/// `2026-03-02`
fn is_date(word: &[u8]) -> bool {
    word.len() == 10
        && word.iter().enumerate().all(|(at, b)| match at {
            4 | 7 => matches!(b, b'-' | b'/'),
            _ => b.is_ascii_digit(),
        })
}

/// `10:00:00`, perhaps with a fraction and a zone.
fn is_clock(word: &[u8]) -> bool {
    (8..=24).contains(&word.len())
        && word[..2].iter().all(u8::is_ascii_digit)
        && word[2] == b':'
        && word.iter().all(|b| b.is_ascii_digit() || b":.,+-Z".contains(b))
}

/// `UTC`, `CEST`, `+00:00`
fn is_zone(word: &[u8]) -> bool {
    (3..=6).contains(&word.len())
        && (word.iter().all(u8::is_ascii_uppercase)
            || matches!(word[0], b'+' | b'-')
                && word[1..].iter().all(|b| b.is_ascii_digit() || *b == b':'))
}

/// `[ 5345.678901] HOST TAG[PID]: `, as `journalctl -o short-monotonic` writes.
fn monotonic(head: &[u8]) -> Option<Prefix<'_>> {
    let inside = head.strip_prefix(b"[")?.trim_ascii_start();
    let (seconds, rest) = word(inside)?;
    let (host, rest) = word(rest)?;
    let number = seconds.strip_suffix(b"]")?;
    let plain = !number.is_empty() && number.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    let (foreign, rest) = (plain && is_host(host)).then(|| tag(rest)).flatten()?;
    Some(Prefix { len: after(head, rest), foreign, ..Prefix::default() })
}

/// RFC 5424 `<134>1 TIME HOST APP PROCID MSGID DATA `, RFC 3164 `<134>Mar  2 10:00:00 HOST TAG: `.
fn syslog(head: &[u8]) -> Option<Prefix<'_>> {
    let rest = head.strip_prefix(b"<")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = rest[digits..].strip_prefix(b">").filter(|_| (1..=3).contains(&digits))?;
    let mut prefix = Prefix { len: after(head, rest), ..Prefix::default() };
    if let Some(rest) = rest.strip_prefix(b"1 ") {
        let (time, mut rest) = word(rest)?;
        prefix.time = Some(time);
        for field in 0..4 {
            let (name, more) = word(rest)?;
            // The second is the name of the program.
            prefix.foreign |= field == 1 && is_of_workload(name);
            rest = more;
        }
        let data = rest;
        while let Some(data) = rest.strip_prefix(b"[") {
            // structured data: quoted values may hold an escaped bracket
            rest = behind(data, b']')?;
        }
        prefix.foreign |= are_foreign(&data[..after(data, rest)]);
        let rest = rest.strip_prefix(b"-").unwrap_or(rest).trim_ascii_start();
        prefix.len = after(head, rest);
        return Some(prefix);
    }
    if let Some(inner) = traditional(rest).or_else(|| timestamp(rest)) {
        prefix.len += inner.len;
        prefix.time = inner.time;
        prefix.foreign = inner.foreign;
    }
    Some(prefix)
}

/// `Mar  2 10:00:00 HOST TAG[PID]: `, as rsyslog writes files and journalctl its lines.
fn traditional(head: &[u8]) -> Option<Prefix<'_>> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let (month, rest) = word(head)?;
    if month.len() != 3 || !MONTHS.chunks(3).any(|known| known == month) {
        return None;
    }
    let (day, rest) = word(rest)?;
    let (time, rest) = word(rest)?;
    let clock = time.len() >= 8 && time.iter().all(|b| b.is_ascii_digit() || b":.".contains(b));
    if day.len() > 2 || !day.iter().all(u8::is_ascii_digit) || !clock {
        return None;
    }
    // Programs that write to the local socket leave the host out.
    if let Some(tagged) = tagged(rest) {
        let len = after(head, rest) + tagged.len;
        return Some(Prefix { len, ..tagged });
    }
    let (host, rest) = word(rest)?;
    let (foreign, rest) = is_host(host).then(|| tag(rest)).flatten()?;
    Some(Prefix { len: after(head, rest), foreign, ..Prefix::default() })
}

/// Whether `TAG[PID]: ` names a container that is no API server's, and what follows it.
fn tag(text: &[u8]) -> Option<(bool, &[u8])> {
    let (tag, rest) = word(text)?;
    let tag = tag.strip_suffix(b":")?;
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./[]".contains(b);
    (!tag.is_empty() && tag.iter().all(plain)).then(|| (is_of_workload(tag), rest))
}

/// Whether a tag of syslog is the name that Docker gave to a container of no API server.
fn is_of_workload(tag: &[u8]) -> bool {
    let tag = memchr::memchr(b'[', tag).map_or(tag, |end| &tag[..end]);
    if let Some(name) = tag.strip_prefix(b"docker/") {
        return sources::is_other_service(name);
    }
    sources::is_other_unit(tag) || Container::of_docker(tag).is_some_and(Container::is_workload)
}

/// `[pod/NAME/CONTAINER] `, as `kubectl logs --prefix` writes; `[POD CONTAINER] ` of other tools;
/// a time in brackets.
fn bracketed(head: &[u8]) -> Option<Prefix<'_>> {
    let inside = head.strip_prefix(b"[")?;
    let end = memchr::memchr(b']', inside)?;
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./".contains(b);
    let name = &inside[..end];
    let rest = inside[end + 1..].strip_prefix(b" ")?;
    let len = after(head, rest);
    if is_time(name) {
        return Some(Prefix { len, time: Some(name), ..Prefix::default() });
    }
    // `pod/NAME/CONTAINER`, perhaps with the namespace before the container
    if let Some(pod) = name.strip_prefix(b"pod/").filter(|_| name.iter().all(plain))
        && let Some(slash) = memchr::memchr(b'/', pod)
    {
        return Some(Prefix::of(len, in_pod(&pod[..slash], &pod[slash + 1..], None)));
    }
    if let Some((pod, container)) = word(name).filter(|(pod, container)| is_in_pod(pod, container))
    {
        return Some(Prefix::of(len, in_pod(pod, container, None)));
    }
    if is_numbered(name) {
        let foreign = sources::is_other_service(name);
        return Some(Prefix { len, foreign, ..Prefix::default() });
    }
    let known = memchr::memchr(b'/', name).is_some() && name.iter().all(plain)
        || word(name).is_some_and(|(first, second)| is_date(first) && is_clock(second));
    known.then(|| Prefix { len, ..Prefix::default() })
}

/// `TAG[PID]: `, as syslog writes without a host, and `NAMESPACE/POD[CONTAINER]: `.
fn tagged(head: &[u8]) -> Option<Prefix<'_>> {
    let (place, rest) = word(head)?;
    let inside = place.strip_suffix(b"]:")?;
    let open = memchr::memrchr(b'[', inside)?;
    let (name, inside) = (&inside[..open], &inside[open + 1..]);
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./".contains(b);
    let pid = !inside.is_empty() && inside.iter().all(u8::is_ascii_digit);
    let len = after(head, rest);
    if name.is_empty() || !name.iter().all(plain) {
        return None;
    }
    if pid {
        return Some(Prefix { len, foreign: is_of_workload(name), ..Prefix::default() });
    }
    let slash = memchr::memchr(b'/', name).filter(|_| is_name(inside))?;
    Some(Prefix::of(len, in_pod(&name[slash + 1..], inside, Some(&name[..slash]))))
}

/// `NODE: `, as `talosctl logs` writes: an address, or a name with a number.
fn address(head: &[u8]) -> Option<Prefix<'_>> {
    let (place, rest) = word(head)?;
    let name = place.strip_suffix(b":")?;
    let numbers = name.iter().all(|b| b.is_ascii_digit() || *b == b'.') && name.contains(&b'.');
    (numbers || is_numbered(name)).then(|| Prefix { len: after(head, rest), ..Prefix::default() })
}

/// The name of a machine or a pod: words, and a number that tells it from its like.
fn is_numbered(name: &[u8]) -> bool {
    let letters = name.iter().take_while(|b| b.is_ascii_lowercase()).count();
    is_name(name)
        && letters > 0
        && name.iter().any(u8::is_ascii_digit)
        && (name.contains(&b'-') || letters > 2 && name[letters..].iter().all(u8::is_ascii_digit))
}

/// `{job="audit", cluster="blue"} `, as `logcli` writes the labels of a stream.
fn labels(head: &[u8]) -> Option<Prefix<'_>> {
    let mut rest = head.strip_prefix(b"{")?;
    loop {
        let name = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let value = rest[name..].strip_prefix(b"=\"").filter(|_| name > 0)?;
        rest = behind(value, b'"')?;
        match rest.strip_prefix(b",") {
            Some(more) => rest = more.trim_ascii_start(),
            None => break,
        }
    }
    let foreign = are_foreign(&head[..after(head, rest)]);
    let rest = rest.strip_prefix(b"} ")?;
    Some(Prefix { len: after(head, rest), foreign, ..Prefix::default() })
}

/// What follows the first such byte that no backslash stands before.
fn behind(text: &[u8], end: u8) -> Option<&[u8]> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(end, b'\\', &text[at..])?;
        if text[at] == end {
            return Some(&text[at + 1..]);
        }
        at = (at + 2).min(text.len());
    }
}

/// Whether `NAME="VALUE"` pairs say that a line is no API server's.
fn are_foreign(pairs: &[u8]) -> bool {
    let mut told = Told::default();
    told.pairs(pairs);
    told.is_foreign()
}

/// `NAME  | `, as compose programs write.
fn compose(head: &[u8]) -> Option<Prefix<'_>> {
    let (name, rest) = word(head)?;
    let rest = rest.strip_prefix(b"| ")?;
    // Ansible writes one space behind the name of a host, Compose two behind that of a container.
    let foreign = head[name.len()..].starts_with(b"  ") && sources::is_other_service(name);
    is_host(name).then(|| Prefix { len: after(head, rest), foreign, ..Prefix::default() })
}

/// `HOST FILE: ` and `HOST TAG[PID]: `, as log collectors and `tail` over several hosts write.
fn named(head: &[u8]) -> Option<Prefix<'_>> {
    let (host, rest) = word(head)?;
    if !is_host(host) {
        return None;
    }
    let (place, after_place) = word(rest)?;
    let name = place.strip_suffix(b":")?;
    let tag = tag(rest).filter(|_| name.ends_with(b"]"));
    (is_file(name) || tag.is_some()).then(|| {
        let mut prefix = Prefix::of_file(after(head, after_place), name);
        prefix.foreign |= tag.is_some_and(|(foreign, _)| foreign);
        prefix
    })
}

/// `FILE:`, `FILE:NUMBER:` and `NUMBER:`, as `grep` writes, with or without a space after it.
fn file(head: &[u8]) -> Option<Prefix<'_>> {
    let brace = memchr::memchr(b'{', head)?;
    let name = head[..brace].trim_ascii_end().strip_suffix(b":")?;
    let name = match name.iter().rposition(|b| *b == b':') {
        Some(colon) if name[colon + 1..].iter().all(u8::is_ascii_digit) => &name[..colon],
        _ => name,
    };
    let number = !name.is_empty() && name.iter().all(u8::is_ascii_digit);
    (number || is_file(name)).then(|| Prefix::of_file(brace, name))
}

/// The path of a log file.
fn is_file(name: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./".contains(b);
    let log = [&b".log"[..], b".json", b".jsonl", b".ndjson"].iter().any(|end| name.ends_with(end));
    (log || name.contains(&b'/')) && !name.is_empty() && name.iter().all(plain)
}

/// stern: `POD CONTAINER `, perhaps with the namespace before it.
fn stern(head: &[u8]) -> Option<Prefix<'_>> {
    let (first, rest) = word(head)?;
    let (second, rest) = word(rest)?;
    let (first, second) = (bare(first), bare(second));
    if is_in_pod(first, second) {
        return Some(Prefix::of(after(head, rest), in_pod(first, second, None)));
    }
    let (third, rest) = word(rest)?;
    (is_name(first) && is_in_pod(second, bare(third)))
        .then(|| Prefix::of(after(head, rest), in_pod(second, third, Some(first))))
}

/// A word without the colours of a terminal.
fn bare(mut word: &[u8]) -> &[u8] {
    while let Some(rest) = word.strip_prefix(b"\x1b[")
        && let Some(end) = memchr::memchr(b'm', rest)
    {
        word = &rest[end + 1..];
    }
    match memchr::memchr(0x1b, word) {
        Some(at) if word.ends_with(b"m") => &word[..at],
        _ => word,
    }
}

/// A container by its names, without the colours of a terminal.
fn in_pod<'a>(pod: &'a [u8], container: &'a [u8], namespace: Option<&'a [u8]>) -> Container<'a> {
    Container { name: bare(container), pod: Some(bare(pod)), namespace }
}

/// A pod and a container of it: the pod is called after it, or both after what they log.
fn is_in_pod(pod: &[u8], container: &[u8]) -> bool {
    let container = container.strip_suffix(b":").unwrap_or(container);
    let both = |part: &[u8]| {
        memchr::memmem::find(pod, part).is_some() && memchr::memmem::find(container, part).is_some()
    };
    is_name(pod)
        && is_name(container)
        && pod.contains(&b'-')
        && (pod.starts_with(container) || both(b"apiserver") || both(b"audit"))
}

/// `oc adm node-logs --role=master`: `NODE `. A node's name has a digit, a dash or a dot in it,
/// which words of log messages do not.
fn node(head: &[u8]) -> Option<Prefix<'_>> {
    let (name, rest) = word(head)?;
    let telling = name.iter().any(|b| b.is_ascii_digit() || b"-.".contains(b));
    let foreign = sources::is_other_component(name);
    (is_name(name) && telling).then(|| Prefix {
        len: after(head, rest),
        foreign,
        bare: true,
        ..Prefix::default()
    })
}

/// The name of a host, in any case, or an address.
fn is_host(name: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.:".contains(b);
    name.len() <= 253
        && name.first().is_some_and(u8::is_ascii_alphanumeric)
        && name.last().is_some_and(u8::is_ascii_alphanumeric)
        && name.iter().all(plain)
}

/// A name of Kubernetes.
fn is_name(name: &[u8]) -> bool {
    is_host(name) && !name.iter().any(|b| b.is_ascii_uppercase() || *b == b':')
}

/// OVHcloud: `{APP-ID}> `
pub(super) fn ovh(head: &[u8]) -> Option<Prefix<'_>> {
    let inside = head.strip_prefix(b"{")?;
    let end = memchr::memchr(b'}', &inside[..inside.len().min(128)])?;
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
    let rest = inside[end + 1..].strip_prefix(b"> ")?;
    inside[..end].iter().all(plain).then(|| Prefix { len: after(head, rest), ..Prefix::default() })
}

/// `GROUP STREAM `, as `awslogs get` writes.
fn awslogs(head: &[u8]) -> Option<Prefix<'_>> {
    let (group, rest) = word(head)?;
    let (stream, rest) = word(rest)?;
    group.strip_prefix(b"/aws/eks/")?.strip_suffix(b"/cluster")?;
    let foreign = !stream.starts_with(b"kube-apiserver-audit-");
    Some(Prefix { len: after(head, rest), foreign, ..Prefix::default() })
}
