//! What a client says to a server before it is let in: mail, files, chat, queues. The same words
//! stand in test reports and prose, so only what is written to a program that talks is read here.

use std::ops::Range;

use super::is_value;

/// What a line says of the one after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Other,
    /// A user, and after that a secret.
    User,
    Secret,
}

/// Finds the secrets in what is said. Lines end at a line feed, at `\n` and `\r` as `printf` has
/// them, or at a quote.
pub(super) fn secrets(text: &[u8], mut take: impl FnMut(Range<usize>)) {
    let mut next = Next::Other;
    let mut at = 0;
    while at < text.len() {
        let end = at + line_end(&text[at..]);
        let line = &text[at..end];
        let words =
            line.split(|b| matches!(b, b' ' | b'\t' | b'%')).filter(|word| !word.is_empty());
        let mut words = words.map(|word| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            start..start + word.len()
        });
        if let Some(first) = words.next() {
            let rest = [words.next(), words.next(), words.next()];
            if next == Next::Secret && is_value(line) {
                take(at..end);
            }
            let said =
                if next == Next::User { (None, Next::Secret) } else { said(text, first, &rest) };
            next = said.1;
            if let Some(secret) = said.0
                && is_value(&text[secret.clone()])
            {
                take(secret);
            }
        }
        at = end + usize::from(text[end..].starts_with(b"\\")) + 1;
    }
}

/// The secret of a line, and what the next one is.
fn said(
    text: &[u8],
    first: Range<usize>,
    rest: &[Option<Range<usize>>; 3],
) -> (Option<Range<usize>>, Next) {
    let is = |word: &Option<Range<usize>>, names: &[&str]| {
        word.as_ref().is_some_and(|word| {
            names.iter().any(|name| text[word.clone()].eq_ignore_ascii_case(name.as_bytes()))
        })
    };
    let [second, third, fourth] = rest.clone();
    let first = Some(first);
    if is(&first, &["pass", "password", "x-pass"]) && third.is_none() {
        return (second, Next::Other);
    }
    if is(&first, &["auth", "a-auth", "authenticate", "authinfo", "identify", ":identify"]) {
        return match (second, third) {
            (Some(_), None) if is(&rest[0], &["login"]) => (None, Next::User),
            (Some(_), None) if is(&rest[0], &["plain", "tls", "ssl", "cram-md5", "external"]) => {
                let plain = is(&rest[0], &["plain"]);
                (None, if plain { Next::Secret } else { Next::Other })
            }
            // `AUTHINFO PASS SECRET`, `AUTH ana SECRET`
            (Some(_), Some(secret)) if !is(&rest[0], &["user"]) => (Some(secret), Next::Other),
            (secret, None) => (secret, Next::Other),
            _ => (None, Next::Other),
        };
    }
    // `a1 LOGIN ana SECRET`, `LOGIN ana SECRET`, `user ana SECRET` of ftp
    if is(&first, &["login", "user"]) {
        return (third.filter(|_| fourth.is_none()), Next::Other);
    }
    if is(&second, &["login"]) {
        return (fourth, Next::Other);
    }
    if is(&second, &["pass"]) && is(&first, &["quote", "literal"]) {
        return (third, Next::Other);
    }
    // `addent -password -p ana` of ktutil asks then.
    let asks = is(&first, &["addent"]) && is(&second, &["-password"]);
    (None, if asks { Next::Secret } else { Next::Other })
}

/// Where a line ends.
fn line_end(text: &[u8]) -> usize {
    let mut from = 0;
    while let Some(at) =
        text[from..].iter().position(|b| matches!(b, b'\n' | b'\r' | b'\\' | b'\'' | b'"'))
    {
        let at = from + at;
        if text[at] != b'\\' || matches!(text.get(at + 1), Some(b'n' | b'r')) {
            return at;
        }
        from = at + 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut all = Vec::new();
        secrets(text.as_bytes(), |range| all.push(&text[range]));
        all
    }

    #[test]
    fn what_is_said_is_read() {
        for (text, secrets) in [
            (r"USER bot\r\nPASS s3cr8\r\nSTAT\r\n", ["s3cr8"].as_slice()),
            (r"'AUTH PLAIN AGJvdABz\r\n'", &["AGJvdABz"]),
            ("EHLO x\nAUTH LOGIN\nYm90\nczNjcjg=\nQUIT", &["czNjcjg="]),
            ("AUTH PLAIN\nAGJvdABz\nQUIT", &["AGJvdABz"]),
            (r#"a1 LOGIN bot@example.com s3cr8\r\na2 LIST "" "*""#, &["s3cr8"]),
            ("user deploy s3cr8\nput a.tgz\nquit", &["s3cr8"]),
            (r"AUTH default s3cr8\r\nFLUSHALL", &["s3cr8"]),
            ("\"AUTH s3cr8\"", &["s3cr8"]),
            ("quote USER a\nquote PASS s3cr8", &["s3cr8"]),
            (r"addent -password -p a@R -k 1\ns3cr8\nwkt k", &["s3cr8"]),
            ("IDENTIFY bot s3cr8", &["s3cr8"]),
        ] {
            assert_eq!(found(text), secrets, "{text}");
        }
        for text in [
            "EHLO x\nAUTH TLS\nQUIT",
            "GET / HTTP/1.0\r\nHost: x\r\n",
            "PASS $PW\nUSER bot",
            "stats\nquit",
            "user anonymous",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
