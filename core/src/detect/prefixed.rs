//! Credentials that start with (or hold) a literal, and how each is verified.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Detector::{
    self, AuthorizationHeader, AwsAccessKey, DockerToken, GithubToken, GitlabToken, GoogleKey, Jwt,
    JwtBase64, NpmToken, PrivateKey, PypiToken, SecretAssignment, ServiceToken, SlackToken,
    StripeKey, VaultToken,
};
use super::runs::{
    ALNUM, BASE64, HEX, TOKEN, UPPER, URL64, is, looks_random, run, run_back, value, value_end,
};

/// Longest credential looked for.
const LONGEST: usize = 16 << 10;

type Span = Option<(usize, usize)>;
type Verify = fn(&[u8], usize, &mut Memory) -> Span;

/// A literal and the verifier for what stands around it.
pub(super) struct Prefix {
    pub(super) text: &'static [u8],
    /// Where in the literal the four bytes (three for literals of three) stand that the prefilter
    /// looks for, and in which of its eight buckets. Any choice is right; this one was found by
    /// annealing over the corpus and makes false candidates rare: about two in a kilobyte.
    pub(super) window: u8,
    pub(super) bucket: u8,
    pub(super) detector: Detector,
    /// Haystack and where the literal starts → the span to take.
    pub(super) verify: Verify,
}

/// What verifiers remember within one haystack, so that floods of prefixes stay linear.
#[derive(Default)]
pub(super) struct Memory {
    /// Where the base64url run ends that was measured last.
    segment: usize,
    /// The same of the base64 run,
    base64: usize,
    /// and of the string.
    pem: usize,
    /// The value that an `authorization` was followed by last, when it did not look like one.
    plain: (usize, usize),
}

impl Memory {
    /// Where the base64 run around `at` ends, measured once per run.
    fn base64_end(&mut self, hay: &[u8], at: usize) -> usize {
        if at >= self.base64 {
            self.base64 = run(hay, at, BASE64, hay.len());
        }
        self.base64
    }
}

macro_rules! prefixes {
    ($($text:literal $window:literal $bucket:literal $detector:ident $verify:expr;)+) => {
        pub(super) static PREFIXES: &[Prefix] = &[$(Prefix {
            text: $text, window: $window, bucket: $bucket, detector: $detector, verify: $verify,
        }),+];
    };
}

prefixes! {
    b"eyJ" 0 2 Jwt jwt;
    b"ewog" 0 0 Jwt jwt;
    b"ew0K" 0 0 Jwt jwt;
    b"ZXlK" 0 0 JwtBase64 jwt_base64;
    b"earer " 2 5 AuthorizationHeader bearer;
    b"EARER " 1 3 AuthorizationHeader bearer;
    b"asic " 1 5 AuthorizationHeader basic;
    b"ASIC " 0 7 AuthorizationHeader basic;
    b"uthorization" 5 1 AuthorizationHeader header;
    b"UTHORIZATION" 3 7 AuthorizationHeader header;
    b".bearer.authorization.k8s.io." 14 1 AuthorizationHeader |h, at, _| after(h, at, 29, URL64, 8);
    b"-----BEGIN" 4 3 PrivateKey pem;
    b"LS0tLS1CRUdJTi" 7 3 PrivateKey pem_base64;
    b"AKIA" 0 7 AwsAccessKey |h, at, _| aws(h, at);
    b"ASIA" 0 7 AwsAccessKey |h, at, _| aws(h, at);
    b"ABIA" 0 7 AwsAccessKey |h, at, _| aws(h, at);
    b"ACCA" 0 7 AwsAccessKey |h, at, _| aws(h, at);
    b"AIza" 0 7 GoogleKey |h, at, _| fixed(h, at, 4, URL64, 35);
    b"ya29." 1 1 GoogleKey |h, at, _| from(h, at, 5, URL64, 20);
    b"ghp_" 0 6 GithubToken |h, at, _| github(h, at);
    b"gho_" 0 6 GithubToken |h, at, _| github(h, at);
    b"ghu_" 0 6 GithubToken |h, at, _| github(h, at);
    b"ghs_" 0 6 GithubToken |h, at, _| github(h, at);
    b"ghr_" 0 6 GithubToken |h, at, _| github(h, at);
    b"github_pat_" 3 6 GithubToken |h, at, _| from(h, at, 11, URL64, 36);
    b"glpat-" 1 1 GitlabToken |h, at, _| from(h, at, 6, TOKEN, 20);
    b"glptt-" 2 5 GitlabToken |h, at, _| from(h, at, 6, URL64, 20);
    b"gldt-" 1 5 GitlabToken |h, at, _| from(h, at, 5, URL64, 20);
    b"glrt-" 1 5 GitlabToken |h, at, _| from(h, at, 5, TOKEN, 20);
    b"glcbt-" 2 5 GitlabToken |h, at, _| from(h, at, 6, URL64, 20);
    b"xox" 0 2 SlackToken |h, at, _| slack(h, at);
    b"xapp-" 1 5 SlackToken |h, at, _| from(h, at, 5, URL64, 20);
    b"hooks.slack.com/services/" 12 6 SlackToken |h, at, _| after(h, at, 25, TOKEN, 20);
    b"k_live_" 0 0 StripeKey |h, at, _| stripe(h, at);
    b"k_test_" 3 6 StripeKey |h, at, _| stripe(h, at);
    b"k_prod_" 0 0 StripeKey |h, at, _| stripe(h, at);
    b"npm_" 0 6 NpmToken |h, at, _| fixed(h, at, 4, ALNUM, 36);
    b"pypi-AgE" 1 1 PypiToken |h, at, _| from(h, at, 8, URL64, 50);
    b"dckr_pat_" 1 6 DockerToken |h, at, _| from(h, at, 9, URL64, 27);
    b"dckr_oat_" 1 6 DockerToken |h, at, _| from(h, at, 9, URL64, 27);
    b"hvs." 0 6 VaultToken |h, at, _| from(h, at, 4, URL64, 24);
    b"hvb." 0 6 VaultToken |h, at, _| from(h, at, 4, URL64, 24);
    b"SG." 0 3 ServiceToken |h, at, _| sendgrid(h, at);
    b"dop_v1_" 0 6 ServiceToken |h, at, _| fixed(h, at, 7, HEX, 64);
    b"dapi" 0 0 ServiceToken |h, at, _| fixed(h, at, 4, HEX, 32);
    b"hf_" 0 2 ServiceToken |h, at, _| fixed(h, at, 3, ALNUM, 34);
    b"T3BlbkFJ" 3 4 ServiceToken |h, at, _| openai(h, at);
    b"sk-ant-" 3 5 ServiceToken |h, at, _| from(h, at, 7, URL64, 40);
    b"glsa_" 1 6 ServiceToken |h, at, _| from(h, at, 5, URL64, 41);
    b".atlasv1." 5 1 ServiceToken |h, at, _| terraform(h, at);
    b"AGE-SECRET-KEY-1" 0 3 ServiceToken |h, at, _| fixed(h, at, 16, UPPER, 58);
    b"pul-" 0 5 ServiceToken |h, at, _| fixed(h, at, 4, HEX, 40);
    b"dp.pt." 2 6 ServiceToken |h, at, _| fixed(h, at, 6, ALNUM, 43);
    b"shpat_" 1 1 ServiceToken |h, at, _| fixed(h, at, 6, HEX, 32);
    b"ATATT3" 2 7 ServiceToken |h, at, _| from(h, at, 6, TOKEN, 60);
    b"ient-key-data:" 5 4 SecretAssignment |h, at, _| yaml(h, at, 13);
    b"oken: " 1 4 SecretAssignment |h, at, _| yaml(h, at, 4);
    b"word: " 1 4 SecretAssignment |h, at, _| yaml(h, at, 4);
    b"cret: " 0 1 SecretAssignment |h, at, _| yaml(h, at, 4);
    b"Key: " 0 4 SecretAssignment |h, at, _| yaml(h, at, 3);
    b"_key: " 1 4 SecretAssignment |h, at, _| yaml(h, at, 4);
    b"OKEN: " 1 7 SecretAssignment |h, at, _| yaml(h, at, 4);
    b"WORD: " 1 7 SecretAssignment |h, at, _| yaml(h, at, 4);
    b"CRET: " 0 3 SecretAssignment |h, at, _| yaml(h, at, 4);
    b"KEY: " 0 7 SecretAssignment |h, at, _| yaml(h, at, 3);
    b"oken " 1 4 SecretAssignment |h, at, _| token_word(h, at);
    b"assword " 4 4 SecretAssignment |h, at, _| flag(h, at, 7);
    b"ecret " 2 5 SecretAssignment |h, at, _| flag(h, at, 5);
}

/// The prefix and exactly `count` bytes of `class`; more of them is glued on and stays.
fn fixed(hay: &[u8], at: usize, prefix: usize, class: u8, count: usize) -> Span {
    let end = run(hay, at + prefix, class, count);
    (end == at + prefix + count).then_some((at, end))
}

/// The prefix and at least `least` bytes of `class`, as far as they run.
fn from(hay: &[u8], at: usize, prefix: usize, class: u8, least: usize) -> Span {
    let end = run(hay, at + prefix, class, LONGEST);
    (end >= at + prefix + least).then_some((at, end))
}

/// Like [`from`], but the prefix itself is no secret.
fn after(hay: &[u8], at: usize, prefix: usize, class: u8, least: usize) -> Span {
    from(hay, at, prefix, class, least).map(|(start, end)| (start + prefix, end))
}

/// 36 letters and digits. The last six are a CRC-32 that says where the token ends when more
/// letters follow; a wrong one does not let a token through.
fn github(hay: &[u8], at: usize) -> Span {
    let end = run(hay, at + 4, ALNUM, 255);
    if end < at + 40 {
        return None;
    }
    let exact = github_checksum(&hay[at..at + 40]);
    Some((at, if exact { at + 40 } else { end }))
}

/// Whether the last six characters are the base62 CRC-32 of what stands between prefix and them.
pub(super) fn github_checksum(token: &[u8]) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let (Some(secret), Some(sum)) = (token.get(4..34), token.get(34..40)) else { return false };
    let mut crc = crc32fast::hash(secret);
    sum.iter().rev().all(|digit| {
        let same = DIGITS[(crc % 62) as usize] == *digit;
        crc /= 62;
        same
    })
}

fn stripe(hay: &[u8], at: usize) -> Span {
    let start = at.checked_sub(1).filter(|start| matches!(hay[*start], b's' | b'r'))?;
    from(hay, start, 8, ALNUM, 10)
}

fn slack(hay: &[u8], at: usize) -> Span {
    let kind = *hay.get(at + 3)?;
    if !matches!(kind, b'a' | b'b' | b'c' | b'e' | b'o' | b'p' | b'r' | b's') {
        return None;
    }
    let dash = if hay.get(at + 4) == Some(&b'.') { run(hay, at + 5, ALNUM, 8) } else { at + 4 };
    (hay.get(dash) == Some(&b'-')).then_some(())?;
    from(hay, at, dash + 1 - at, URL64, 10)
}

fn sendgrid(hay: &[u8], at: usize) -> Span {
    let middle = run(hay, at + 3, URL64, 23);
    let end = run(hay, middle + 1, URL64, 44);
    (middle == at + 25 && hay.get(middle) == Some(&b'.') && end >= middle + 44).then_some((at, end))
}

fn openai(hay: &[u8], at: usize) -> Span {
    let start = run_back(hay, at, URL64, 200);
    let sk = memchr::memmem::find(&hay[start..at], b"sk-").map(|skip| start + skip)?;
    let end = run(hay, at + 8, URL64, 200);
    (end >= at + 8 + 16).then_some((sk, end))
}

fn terraform(hay: &[u8], at: usize) -> Span {
    let start = run_back(hay, at, ALNUM, 14);
    let end = run(hay, at + 9, TOKEN, 80);
    (at - start == 14 && end >= at + 9 + 60).then_some((start, end))
}

fn aws(hay: &[u8], at: usize) -> Span {
    let (_, end) = fixed(hay, at, 4, UPPER, 16)?;
    // In the middle of base64 the neighbours are letters, too.
    // (A slash is more often one of a path.)
    let letter = |b: &u8| is(*b, BASE64) && *b != b'/';
    let glued = at > 0 && letter(&hay[at - 1]) && hay.get(end).is_some_and(letter);
    (!glued).then_some((at, end))
}

static LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes up to the first 192 letters of base64 (either alphabet) into `out`.
fn decode_head<'a>(text: &[u8], out: &'a mut [u8; 144]) -> &'a [u8] {
    let mut letters = [0u8; 192];
    let len = text.len().min(192) & !3;
    for (to, byte) in letters.iter_mut().zip(&text[..len]) {
        *to = match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        };
    }
    let decoded = LENIENT.decode_slice_unchecked(&letters[..len], out).unwrap_or(0);
    &out[..decoded]
}

/// Header `.` payload, then signature, further parts or a cut. (`userAgent` is cut at 1024 bytes.)
fn jwt(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    if at >= memory.segment {
        memory.segment = run(hay, at, URL64, hay.len());
    }
    let header_end = memory.segment;
    if hay.get(header_end) != Some(&b'.') || header_end < at + 12 {
        // 1Password service accounts: `ops_` and one base64url JSON object
        if at >= 4 && &hay[at - 4..at] == b"ops_" && header_end > at + 200 {
            return Some((at - 4, header_end));
        }
        return None;
    }
    let mut buffer = [0; 144];
    let header = decode_head(&hay[at..header_end], &mut buffer);
    let known = [
        b"\"alg\"".as_slice(),
        b"\"enc\"",
        b"\"typ\"",
        b"\"kid\"",
        b"\"cty\"",
        b"\"x5",
        b"\"jku\"",
        b"\"jwk\"",
        b"\"epk\"",
        b"\"zip\"",
        b"\"crit\"",
    ];
    if !known.iter().any(|name| memchr::memmem::find(header, name).is_some()) {
        return None;
    }
    let mut end = run(hay, header_end + 1, URL64, LONGEST);
    if end < header_end + 9 {
        return None;
    }
    while hay.get(end) == Some(&b'.') {
        let next = run(hay, end + 1, URL64, LONGEST);
        if next == end + 1 {
            break;
        }
        end = next;
    }
    Some((at, end))
}

fn jwt_base64(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    let end = memory.base64_end(hay, at);
    if end < at + 48 {
        return None;
    }
    let mut outer = [0; 144];
    let header = decode_head(&hay[at..end], &mut outer);
    // `eyJhbGciOi` is `{"alg":`; the others are `{"typ":`, `{"kid":`, `{"enc":`, `{"cty":`
    let starts = [b"eyJhbGci".as_slice(), b"eyJ0eXAi", b"eyJraWQi", b"eyJlbmMi", b"eyJjdHki"];
    starts.iter().any(|start| header.starts_with(start)).then_some((at, end))
}

fn bearer(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let start = run_spaces(hay, at + 6);
    let end = run(hay, start, TOKEN, LONGEST);
    let token = &hay[start..end];
    let is_token = token.len() >= 20 || token.len() >= 8 && looks_random(token);
    let is_word = token.iter().all(u8::is_ascii_lowercase) || token.starts_with(b"realm=");
    (is_token && !is_word).then_some((start, end))
}

fn basic(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let start = run_spaces(hay, at + 5);
    let end = run(hay, start, BASE64, LONGEST);
    if end < start + 4 {
        return None;
    }
    let mut buffer = [0; 144];
    let pair = decode_head(&hay[start..end], &mut buffer);
    // Words after "basic" decode to rubbish, a pair to text (whose last character may be cut).
    let is_text =
        std::str::from_utf8(pair).map_or_else(|error| error.error_len().is_none(), |_| true);
    let is_pair = is_text && pair.contains(&b':') && pair.iter().all(|b| *b >= 0x20 && *b != 0x7f);
    is_pair.then_some((start, end))
}

fn run_spaces(hay: &[u8], from: usize) -> usize {
    from + hay[from.min(hay.len())..].iter().take(4).take_while(|b| **b == b' ').count()
}

/// `Authorization: SCHEME VALUE` and `authorization=VALUE`.
fn header(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    let mut at = at + 12;
    // an escaped or plain quote after the name, when the text is JSON itself
    at += hay[at.min(hay.len())..]
        .iter()
        .take(4)
        .take_while(|b| matches!(b, b'"' | b'\\' | b'\''))
        .count();
    if !matches!(hay.get(at), Some(b':' | b'=')) {
        return None;
    }
    at += 1;
    if is_mark(&hay[run_spaces(hay, at)..]) {
        return None;
    }
    at += hay[at..]
        .iter()
        .take(8)
        .take_while(|b| matches!(b, b' ' | b'"' | b'\\' | b'\'' | b'['))
        .count();
    // The rest of what did not look random does not either: looked at once, however many names
    // stand in it.
    if (memory.plain.0..memory.plain.1).contains(&at) {
        return None;
    }
    let end = value_end(hay, at, hay.len());
    let scheme = &hay[at..end];
    let named = [b"bearer".as_slice(), b"basic", b"token", b"digest", b"negotiate", b"apikey"]
        .iter()
        .any(|name| scheme.eq_ignore_ascii_case(name));
    if named && hay.get(end) == Some(&b' ') {
        let start = run_spaces(hay, end);
        let end = value_end(hay, start, LONGEST);
        return (end >= start + 4).then_some((start, end));
    }
    if end >= at + 8 && looks_random(scheme) {
        return Some((at, end));
    }
    memory.plain = (at, end);
    None
}

/// `-----BEGIN … PRIVATE KEY-----` to its end, or to the end of the string.
fn pem(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    if at >= memory.pem {
        memory.pem = at + memchr::memchr(b'"', &hay[at..]).unwrap_or(hay.len() - at);
    }
    let string_end = memory.pem;
    // The string may end within the label.
    let label = &hay[at..string_end.min(at + 60)];
    let label =
        &label[..label[10..].iter().position(|b| *b == b'-').map_or(label.len(), |p| p + 10)];
    if !label.windows(11).any(|window| window == b"PRIVATE KEY") {
        return None;
    }
    let body = at + label.len();
    let Some(found) = memchr::memmem::find(&hay[body..string_end], b"-----END") else {
        // Up to an escaped quote: never split it.
        let cut = usize::from(string_end > body && hay[string_end - 1] == b'\\');
        return Some((at, string_end - cut));
    };
    let label_end = body + found + 8;
    let tail = hay[label_end..string_end].iter().take(60);
    let dashes = tail.clone().position(|b| *b == b'-').unwrap_or(0);
    let end = label_end + dashes;
    Some((at, end + hay[end..string_end].iter().take(5).take_while(|b| **b == b'-').count()))
}

fn pem_base64(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    let end = memory.base64_end(hay, at);
    let mut buffer = [0; 144];
    let head = decode_head(&hay[at..end], &mut buffer);
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
    memchr::memmem::find(line, b"PRIVATE KEY").map(|_| (at, end))
}

/// `name: value` at the start of a line (or of the text), as in YAML. `at + tail` is the colon.
fn yaml(hay: &[u8], at: usize, tail: usize) -> Span {
    let colon = at + tail;
    let mut start = run_back(hay, colon, super::runs::NAME, 64);
    if start > 0 && hay[start - 1] == b'\\' && matches!(hay[start], b'n' | b'r' | b't') {
        // A line break spelled as an escape: text from a program's source, or JSON in base64.
        start += 1;
    } else {
        let before = hay[..start].iter().rev().find(|b| !matches!(b, b' ' | b'-' | b'\t' | b'\''));
        if !matches!(before, None | Some(b'\n' | b'"' | b'{' | b',')) {
            return None;
        }
    }
    let kind = super::classify(&hay[start..colon]);
    if !kind.hints() {
        return None;
    }
    let from = colon + 1 + hay[colon + 1..].iter().take(64).take_while(|b| **b == b' ').count();
    let (from, end) = value(hay, from, LONGEST);
    let value = &hay[from..end];
    let plain = matches!(value, b"|" | b">" | b"|-" | b">-");
    (!plain && !is_reference(value) && super::values::goes(kind, value)).then_some((from, end))
}

/// `name: value` on a line of its own, of a text of several lines, in any case; also the block
/// below `name: |`. Appends the spans of the values.
pub(super) fn yaml_lines(hay: &[u8], hits: &mut Vec<super::Hit>) {
    let mut line = 0;
    while line < hay.len() {
        let line_end = memchr::memchr(b'\n', &hay[line..]).map_or(hay.len(), |len| line + len);
        let lead = |b: &u8| matches!(b, b' ' | b'-' | b'\t' | b'"' | b'\'');
        let indent = hay[line..line_end].iter().take_while(|b| lead(b)).count();
        let start = line + indent;
        let name_end = run(hay, start, super::runs::NAME, 128.min(line_end - start));
        line = line_end + 1;
        if name_end < start + 3 {
            continue;
        }
        let after = hay[name_end..line_end]
            .iter()
            .take(2)
            .take_while(|b| matches!(b, b'"' | b'\'' | b' '))
            .count();
        let colon = name_end + after;
        let spaced = matches!(hay.get(colon + 1), None | Some(b' ' | b'\t' | b'\n' | b'\r'));
        if hay.get(colon) != Some(&b':') || !spaced {
            continue;
        }
        let kind = super::classify(&hay[start..name_end]);
        if !kind.hints() {
            continue;
        }
        let from = colon + 1;
        let from = from
            + hay[from.min(line_end)..line_end]
                .iter()
                .take_while(|b| matches!(b, b' ' | b'\t'))
                .count();
        if matches!(hay.get(from), Some(b'|' | b'>')) && line_end - from <= 4 {
            let block = line.min(hay.len());
            let mut end = block;
            while end < hay.len() {
                let next = memchr::memchr(b'\n', &hay[end..]).map_or(hay.len(), |len| end + len);
                let text = hay[end..next].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
                if text <= indent && end + text < next {
                    break;
                }
                end = (next + 1).min(hay.len());
            }
            line = end.max(line);
            let inner = &hay[block..end];
            let first = block + (inner.len() - inner.trim_ascii_start().len());
            let last = first + inner.trim_ascii().len();
            if last > first && super::values::goes(kind, &hay[first..last]) {
                super::push(hits, first, last, SecretAssignment);
            }
            continue;
        }
        let (from, end) = value(hay, from, line_end.saturating_sub(from));
        let value = &hay[from.min(end)..end];
        let plain = matches!(value.first(), None | Some(b'{' | b'[' | b'&' | b'*'));
        if !plain && !is_reference(value) && super::values::goes(kind, value) {
            super::push(hits, from, end, SecretAssignment);
        }
    }
}

/// `--token VALUE` inside a command line. `at + tail` is the space.
fn flag(hay: &[u8], at: usize, tail: usize) -> Span {
    let space = at + tail;
    let start = run_back(hay, space, super::runs::NAME, 64);
    if !hay[start..space].starts_with(b"-") {
        return None;
    }
    let (from, end) = value(hay, run_spaces(hay, space), LONGEST);
    let value = &hay[from..end];
    (value.len() >= 4 && !value.starts_with(b"-") && !is_reference(value)).then_some((from, end))
}

/// `--token VALUE`, and a bootstrap token (`abcdef.0123456789abcdef`) after the bare word.
fn token_word(hay: &[u8], at: usize) -> Span {
    if let Some(span) = flag(hay, at, 4) {
        return Some(span);
    }
    let start = run_spaces(hay, at + 4);
    let lower = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let text = hay.get(start..start + 23)?;
    let shaped = text[6] == b'.' && text[..6].iter().all(lower) && text[7..].iter().all(lower);
    let ends = hay.get(start + 23).is_none_or(|b| !is(*b, super::runs::NAME));
    let mixed = text.iter().any(u8::is_ascii_digit) && text.iter().any(u8::is_ascii_lowercase);
    (shaped && ends && mixed).then_some((start, start + 23))
}

/// `$(VAR)`, `${VAR}`, `{{ … }}`, `<placeholder>`, stars and our own marks are no values.
pub(super) fn is_reference(value: &[u8]) -> bool {
    starts_reference(value) || value.iter().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.'))
}

/// Whether the first bytes say already that a value is none, however long it is.
pub(super) fn starts_reference(value: &[u8]) -> bool {
    value.starts_with(b"$") || value.starts_with(b"{{") || is_mark(value)
}

/// Whether a text starts with what stands in place of a value.
fn is_mark(text: &[u8]) -> bool {
    [b"[redacted:".as_slice(), b"[pseudonym:", b"[partial:"]
        .iter()
        .any(|mark| text.starts_with(mark))
}
