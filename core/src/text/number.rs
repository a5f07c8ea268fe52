//! Numbers as text.

/// Appends a number in decimal.
pub(crate) fn decimal(mut number: u64, out: &mut Vec<u8>) {
    if (100..1000).contains(&number) {
        // A code: three bytes at once.
        let digit = |unit: u64| b'0' + (number / unit % 10) as u8;
        return out.extend_from_slice(&[digit(100), digit(10), digit(1)]);
    }
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// The first 128 bits of a digest as lower case hex digits.
pub(crate) fn hex(digest: &[u8]) -> [u8; 32] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut id = [0; 32];
    for (pair, byte) in id.chunks_exact_mut(2).zip(digest) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 15)];
    }
    id
}

/// The whole number that a number's text stands for, however it is written: `403`, `403.0`,
/// `4.03e2`. `None` for everything else, also for what is negative or has more than 9 digits.
pub(crate) fn whole(text: &[u8]) -> Option<u32> {
    if let [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] = text {
        // A code as nearly everybody writes it.
        let digit = |digit: &u8| u32::from(digit - b'0');
        return Some(digit(a) * 100 + digit(b) * 10 + digit(c));
    }
    let (mantissa, exponent) = match memchr::memchr2(b'e', b'E', text) {
        Some(at) => (&text[..at], small(&text[at + 1..])?),
        None => (text, 0),
    };
    let (whole, fraction) = match memchr::memchr(b'.', mantissa) {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &b""[..]),
    };
    if whole.is_empty() || mantissa.last() == Some(&b'.') || mantissa.len() > 32 {
        return None;
    }
    // How many of the digits stand before the point.
    let before = i32::try_from(whole.len()).ok()? + exponent;
    let (mut number, mut at) = (0u32, 0);
    for digit in whole.iter().chain(fraction) {
        let digit = u32::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
        if at < before {
            number = number.checked_mul(10)?.checked_add(digit)?;
        } else if digit != 0 {
            return None;
        }
        at += 1;
    }
    while at < before && number != 0 {
        number = number.checked_mul(10)?;
        at += 1;
    }
    (number < 1_000_000_000).then_some(number)
}

/// An exponent of one or two digits.
fn small(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] | digits => (1, digits),
    };
    match digits {
        [one @ b'0'..=b'9'] => Some(sign * i32::from(one - b'0')),
        [ten @ b'0'..=b'9', one @ b'0'..=b'9'] => {
            Some(sign * (i32::from(ten - b'0') * 10 + i32::from(one - b'0')))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn whole_numbers_in_every_spelling() {
        for (text, number) in [
            ("0", Some(0)),
            ("403", Some(403)),
            ("403.0", Some(403)),
            ("403.000", Some(403)),
            ("4.03e2", Some(403)),
            ("4.03E+2", Some(403)),
            ("40300e-2", Some(403)),
            ("4e2", Some(400)),
            ("0e99", Some(0)),
            ("7.0", Some(7)),
            ("999999999", Some(999_999_999)),
            ("1000000000", None),
            ("4e99", None),
            ("403.5", None),
            ("4.035e2", None),
            ("-403", None),
            ("", None),
            (".5", None),
            ("5.", None),
            ("1e", None),
            ("1e100", None),
            ("0x193", None),
            ("NaN", None),
            ("403 Forbidden", None),
        ] {
            assert_eq!(whole(text.as_bytes()), number, "{text}");
        }
    }
}
