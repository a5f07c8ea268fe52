//! Credentials that look real and open nothing.
//!
//! They are made here from parts, checksums included, so that the repository holds no text that a
//! secret scanner (ours or a forge's) takes for a leak. Case files name them as `${name}`.

use std::io::Write as _;

use auditweir::detect::Detector;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Replaces every `${name}` by the fake of that name.
pub fn fill(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let mut open = 0;
        let end = rest[at..]
            .find(|c| {
                open += i32::from(c == '{') - i32::from(c == '}');
                c == '}' && open == 0
            })
            .ok_or("`${` without `}`")?
            + at;
        let name = &rest[at + 2..end];
        out.push_str(&fake(name).ok_or_else(|| format!("no fake is named `{name}`"))?);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// The fake of a name (or a detector's name: an example of its row), or the text itself after `=`. `NAME|ENCODING` encodes it, also repeatedly:
/// `base64`, `base64url`, `percent`, `percent2`, `escaped` (as `\uXXXX`), `json` (the inside of a
/// JSON string), `gzip` (in base64), `hex`.
pub fn fake(name: &str) -> Option<String> {
    if let Some((inner, encoding)) = name.rsplit_once('|') {
        let text = fake(inner)?;
        return Some(match encoding {
            "base64" => STANDARD.encode(text),
            "base64url" => URL_SAFE_NO_PAD.encode(text),
            "percent" => join(text.bytes().map(|byte| format!("%{byte:02X}"))),
            "percent2" => join(text.bytes().map(|byte| format!("%25{byte:02X}"))),
            // as \\uXXXX escapes of a JSON string
            "escaped" => join(text.encode_utf16().map(|unit| format!("\\u{unit:04x}"))),
            // the inside of a JSON string
            "json" => {
                let quoted = serde_json::to_string(&text).ok()?;
                quoted[1..quoted.len() - 1].to_owned()
            }
            "gzip" => {
                let mut gz = GzEncoder::new(Vec::new(), Compression::default());
                gz.write_all(text.as_bytes()).ok()?;
                STANDARD.encode(gz.finish().ok()?)
            }
            "hex" => join(text.bytes().map(|byte| format!("{byte:02x}"))),
            _ => return None,
        });
    }
    if let Some(literal) = name.strip_prefix('=') {
        return Some(literal.to_owned());
    }
    Some(match name {
        "github" => checked("ghp_", &letters(11, 30)),
        "github-broken" => {
            // the checksum does not hold
            let good = checked("ghp_", &letters(11, 30));
            format!("{}{}", &good[..good.len() - 1], if good.ends_with('0') { '1' } else { '0' })
        }
        "github-pat" => {
            format!("github{}{}_{}", "_pat_", letters(13, 22), letters(17, 59))
        }
        "gitlab" => format!("glpat{}{}", '-', letters(19, 20)),
        "jwt" => jwt(r#"{"sub":"1234567890","name":"Jane Roe","iat":1516239022}"#),
        "sa-jwt" => jwt(
            r#"{"aud":["https://kubernetes.default.svc"],"iss":"https://kubernetes.default.svc","sub":"system:serviceaccount:shop:till"}"#,
        ),
        "aws-id" => format!("AK{}{}", "IA", &upper(23, 16)),
        "aws-secret" => format!("{}/{}+{}", letters(29, 19), letters(31, 10), letters(37, 9)),
        "gcp-key" => format!("AI{}{}", "za", letters(41, 35)),
        "slack" => format!("xo{}-{}-{}-{}", "xb", "123456789012", "1234567890123", letters(43, 24)),
        "stripe" => format!("sk{}live_{}", '_', letters(47, 24)),
        "npm" => checked("npm_", &letters(53, 30)),
        "vault" => format!("hv{}{}", "s.", letters(59, 95)),
        "openshift" => format!("sha256{}{}", '~', letters(61, 43)),
        "bootstrap" => "abc123.0123456789abcdef".into(),
        "azure-key" => format!("AccountKey={}==", letters(67, 86)),
        "azure-sas" => format!(
            "sv=2022-11-02&ss=b&srt=sco&sp=rwdlacx&se=2030-01-01T00:00:00Z&sig={}%3D",
            letters(71, 43)
        ),
        "sendgrid" => format!("SG{}{}.{}", '.', letters(73, 22), letters(79, 43)),
        "digitalocean" => format!("dop{}{}", "_v1_", hex(83, 64)),
        "databricks" => format!("dap{}{}", 'i', hex(89, 32)),
        "huggingface" => format!("h{}{}", "f_", alphabetic(97, 34)),
        "age" => format!("AGE{}{}", "-SECRET-KEY-1", bech32(101, 58)),
        "pypi" => format!("pypi{}{}", "-AgEIcHlwaS5vcmc", letters(103, 90)),
        "dockerhub" => format!("dckr{}{}", "_pat_", letters(107, 27)),
        "url-userinfo" => format!("https://deploy:{}@git.example.com/shop.git", letters(109, 18)),
        "userinfo-password" => letters(109, 18),
        "pem" => format!(
            "-----BEGIN {k}-----\n{}\n{}\n-----END {k}-----\n",
            letters(113, 64),
            letters(127, 40),
            k = "RSA PRIVATE KEY"
        ),
        "pem-body" => letters(113, 64),
        "pem-no-end" => format!("-----BEGIN {}-----\n{}", "RSA PRIVATE KEY", letters(113, 64)),
        "card" => "4111 1111 1111 1111".into(),
        // `gitlab-token`: the first example of that detector's row, `gitlab-token-2` the second
        _ => {
            let (row, place) = name
                .rsplit_once('-')
                .and_then(|(row, place)| Some((row, place.parse::<usize>().ok()?)))
                .filter(|(row, _)| row.parse::<Detector>().is_ok())
                .unwrap_or((name, 1));
            let detector: Detector = row.parse().ok()?;
            return detector.examples(139).nth(place.checked_sub(1)?);
        }
    })
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().concat()
}

/// Pseudo-random characters, the same every time.
fn pick(seed: u32, count: usize, from: &[u8]) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            char::from(from[(state >> 8) as usize % from.len()])
        })
        .collect()
}

fn letters(seed: u32, count: usize) -> String {
    pick(seed, count, BASE62)
}

fn alphabetic(seed: u32, count: usize) -> String {
    pick(seed, count, &BASE62[10..])
}

fn upper(seed: u32, count: usize) -> String {
    pick(seed, count, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
}

fn hex(seed: u32, count: usize) -> String {
    pick(seed, count, b"0123456789abcdef")
}

fn bech32(seed: u32, count: usize) -> String {
    pick(seed, count, b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")
}

/// `prefix`, `body` and the CRC-32 of `body` in six base62 digits, as GitHub and npm write them.
fn checked(prefix: &str, body: &str) -> String {
    let mut crc = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(crc % 62) as usize];
        crc /= 62;
    }
    format!("{prefix}{body}{}", String::from_utf8_lossy(&digits))
}

fn jwt(payload: &str) -> String {
    format!(
        "{}.{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k1"}"#),
        URL_SAFE_NO_PAD.encode(payload),
        letters(131, 86)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_and_encodes() {
        assert_eq!(fill("a ${bootstrap} b").as_deref(), Ok("a abc123.0123456789abcdef b"));
        assert_eq!(fill("${bootstrap|base64}").as_deref(), Ok("YWJjMTIzLjAxMjM0NTY3ODlhYmNkZWY="));
        assert_eq!(fill(r#"${={"a":{}}} b"#).as_deref(), Ok(r#"{"a":{}} b"#));
        assert!(fill("${nope}").is_err());
        assert!(fill("${={}").is_err());
    }

    #[test]
    fn checksum_is_the_published_one() {
        // Computed with Python: zlib.crc32 in base62, digits before upper case before lower.
        let body = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ";
        assert_eq!(checked("ghp_", body), format!("ghp_{body}{}", "0mLq17"));
    }
}
