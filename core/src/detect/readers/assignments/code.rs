//! Source code beside data: what stands behind a name may be a call, a type, a getter or
//! a variable, which says where a value comes from and is none.

use std::ops::Range;

use super::LONGEST_NAME;
use crate::detect::is_mixed;
use crate::detect::readers::{Hint, ends, is_value, values};
use crate::detect::runs::{NAME, is, looks_random, run};

/// Whether a value is code that reads one, a type or nothing: `parameter.token`, `db.password`, `string`.
pub(super) fn is_read(value: &[u8]) -> bool {
    if value.len() <= 3 && !value.iter().any(u8::is_ascii_alphanumeric) {
        return true;
    }
    let value = value.strip_suffix(b";").or_else(|| value.strip_suffix(b",")).unwrap_or(value);
    // `password: string; token?: string`
    let first = &value[..memchr::memchr(b';', value).unwrap_or(value.len())];
    if is_type(first) || is_message_about(value) {
        return true;
    }
    if is_of_the_environment(value) || is_built(value) {
        return true;
    }
    let Some(dot) = memchr::memchr(b'.', value) else { return values::is_schema_type(value) };
    let last = &value[memchr::memrchr(b'.', value).map_or(0, |at| at + 1)..];
    let (first, plain) = (&value[..dot], value.iter().all(|b| is(*b, NAME) && *b != b'-'));
    let known = matches!(
        first,
        b"parameter" | b"context" | b"input" | b"var" | b"local" | b"self" | b"settings"
    );
    plain
        && value.len() <= LONGEST_NAME
        && first.first().is_some_and(u8::is_ascii_alphabetic)
        && !values::looks_random(value)
        && (known
            || Hint::of(last).is_strong()
                && last.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_'))
}

/// `process.env.PGPASSWORD`, `$ENV{DB_PASSWORD}`: languages read their environment so.
pub(super) fn is_of_the_environment(value: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"process.env.",
        b"import.meta.env.",
        b"Deno.env.",
        b"Bun.env.",
        b"__ENV.",
        b"$ENV{",
        b"os.environ",
        b"Rails.application.credentials",
    ];
    STARTS.iter().any(|start| value.starts_with(start))
}

/// `getToken()`, `Joi.string().min(8)`, `z.string()`, `serializers.CharField(`: what a program makes there.
fn is_built(value: &[u8]) -> bool {
    const SCHEMAS: &[&[u8]] = &[
        b"Joi",
        b"joi",
        b"z",
        b"yup",
        b"Yup",
        b"v",
        b"t",
        b"s",
        b"PropTypes",
        b"serializers",
        b"models",
        b"forms",
        b"fields",
        b"Schema",
        b"types",
        b"Type",
        b"sa",
        b"db",
        b"T",
    ];
    const TYPES: &[&[u8]] =
        &[b"string", b"String", b"str", b"text", b"Text", b"any", b"number", b"isRequired"];
    let end = run(value, 0, NAME, LONGEST_NAME);
    let name = &value[..end];
    let letters = |text: &[u8]| {
        !text.is_empty() && text.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.'))
    };
    if !letters(name) || looks_random(name) {
        return false;
    }
    let follows = &value[end..];
    let of_schema = memchr::memchr(b'.', name).is_some_and(|dot| {
        let kind = name.rsplit(|b| *b == b'.').next().unwrap_or_default();
        SCHEMAS.contains(&&name[..dot])
            && if follows.is_empty() { TYPES.contains(&kind) } else { follows[0] == b'(' }
    });
    follows.starts_with(b"()") && name.len() > 3 || of_schema
}

/// `os.environ['X']`, `config["db"]["password"]`: a member of something.
pub(super) fn is_index(hay: &[u8], from: usize) -> bool {
    let end = run(hay, from, NAME, 64);
    end > from + 1
        && hay[from..end].iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.'))
        && hay.get(end) == Some(&b'[')
        && matches!(hay.get(end + 1), Some(b'"' | b'\''))
        && !looks_random(&hay[from..end])
}

/// `password: must not be empty`, `passwd: files systemd`, `forgot_password=Forgot your password?`: words
/// about a secret where one would stand.
pub(super) fn is_message_about(value: &[u8]) -> bool {
    const FIRST: &[&[u8]] = &[
        b"must",
        b"should",
        b"cannot",
        b"can't",
        b"is",
        b"was",
        b"has",
        b"too",
        b"needs",
        b"does",
        b"expired",
        b"denied",
        b"mismatch",
        b"missing",
        b"required",
        b"invalid",
    ];
    // Where the C library looks for users.
    const SWITCH: &[&[u8]] =
        &[b"files", b"systemd", b"compat", b"sss", b"ldap", b"nis", b"db", b"winbind", b"cache"];
    let quotes = |b: &u8| matches!(b, b'"' | b'\'' | b')' | b';' | b'.' | b',');
    let ends = value.iter().rev().take_while(|b| quotes(b)).count();
    let value = &value[..value.len() - ends];
    if value.len() > LONGEST_NAME || value.iter().any(u8::is_ascii_digit) {
        return false;
    }
    let mut words = value.split(|b| matches!(b, b' ' | b';')).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return false };
    let more = words.clone().count();
    // `error.token=Your token has expired.`
    let sentence = || {
        ends > 0
            && more > 2
            && first[0].is_ascii_uppercase()
            && words.clone().any(|word| Hint::of(word).hints())
    };
    (FIRST.contains(&first) && (more > 0 || ends > 0))
        || SWITCH.contains(&first) && words.clone().all(|word| SWITCH.contains(&word))
        || more >= 2 && value.ends_with(b"?")
        || sentence()
}

/// Whether a value is what its name ends with, written in words: `label.apiKey=API key`.
pub(super) fn is_label(name: &[u8], value: &[u8]) -> bool {
    value.contains(&b' ')
        && value.len() <= LONGEST_NAME
        && value.iter().all(|b| b.is_ascii_alphabetic() || *b == b' ')
        && {
            let mut name = name.iter().rev().filter(|b| b.is_ascii_alphanumeric());
            value
                .iter()
                .rev()
                .filter(|b| **b != b' ')
                .all(|letter| name.next().is_some_and(|b| b.eq_ignore_ascii_case(letter)))
        }
}

/// What a program puts behind the type of a variable: `str = "x"`.
pub(super) fn after_type(value: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(&value[..value.len().min(LONGEST_NAME)], b" = ")?;
    is_type(&value[..at]).then(|| &value[at + 3..])
}

/// `string password = 1;` of a protobuf: the number of a field.
pub(super) fn is_field_of_message(before: &[u8], value: &[u8]) -> bool {
    let value = value.strip_suffix(b";").unwrap_or(value);
    (before.ends_with(b"string ") || before.ends_with(b"bytes "))
        && value.len() <= 5
        && value.iter().all(u8::is_ascii_digit)
}

/// `self.password = password`, where ` password` is what follows the sign.
pub(super) fn is_kept_in_a_member(name: &[u8], value: &[u8]) -> bool {
    const OBJECTS: &[&[u8]] =
        &[b"self", b"this", b"cls", b"c", b"s", b"p", b"o", b"obj", b"cfg", b"req", b"user"];
    let Some(dot) = memchr::memrchr(b'.', name) else { return false };
    let Some(value) = value.strip_prefix(b" ") else { return false };
    // `self._private_key = private_key`
    let member = &name[dot + 1..];
    let value = value.strip_suffix(b";").unwrap_or(value);
    OBJECTS.contains(&&name[..dot]) && value == member.strip_prefix(b"_").unwrap_or(member)
}

pub(super) fn first_word(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|b| matches!(b, b' ' | b'\t' | b'\n'));
    &text[..end.unwrap_or(text.len())]
}

/// `$PASS" > app.conf`: what a shell puts there, then the quote that was opened before the name.
pub(super) fn is_variable_before_a_quote(value: &[u8]) -> bool {
    let Some(name) = value.strip_prefix(b"$") else { return false };
    // `\"$(cat "/etc/token")\"`, as far as the first quote.
    if name.strip_prefix(b"(cat ").is_some_and(|path| matches!(path, [] | [b'"'] | [b'\\', b'"'])) {
        return true;
    }
    let end = run(name, 0, NAME, LONGEST_NAME);
    end > 0
        && matches!(name.get(end), Some(b'"'))
        && name[..end].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Whether a call starts at `from` whose result is the value: `load()`, `token.unwrap()`,
/// `await getToken()`, `new Client(x)`.
pub(super) fn is_call(hay: &[u8], from: usize) -> bool {
    let mut from = from;
    for word in [b"await ".as_slice(), b"new "] {
        from += if hay[from..].starts_with(word) { word.len() } else { 0 };
    }
    let end = run(hay, from, NAME, 64);
    let name = &hay[from..end];
    // `$_POST['password']`
    if let Some(rest) = hay[from..].strip_prefix(b"$") {
        let end = run(rest, 0, NAME, 64);
        return end > 0 && matches!(rest.get(end..end + 2), Some(b"['" | b"[\"" | b"->"));
    }
    let named = name.len() > 2
        && name.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.'))
        && !looks_random(name);
    // `crypt(p, password)`, `argv[++i]`
    let given = hay[end.min(hay.len())..].get(1..).unwrap_or_default();
    let variable = given.iter().take(32).take_while(|b| b.is_ascii_lowercase() || **b == b'_');
    let variable = variable.count();
    named
        && match hay.get(end) {
            Some(b'(') => {
                matches!(given.first(), None | Some(b')' | b'\n'))
                    || variable > 0 && matches!(given.get(variable), Some(b',' | b'.' | b'('))
            }
            Some(b'[') => {
                given.starts_with(b"++") || given.starts_with(b"i") || is_index(hay, from)
            }
            Some(b':') => calls_by_path(&hay[from..]),
            _ => false,
        }
}

/// `std::env::var(`, `handle:headers():get(`
pub(super) fn calls_by_path(text: &[u8]) -> bool {
    let near = &text[..text.len().min(LONGEST_NAME)];
    let end = near.iter().position(|b| !(is(*b, NAME) || matches!(b, b':' | b'(' | b')')));
    let path = &near[..end.unwrap_or(near.len())];
    memchr::memchr(b'(', path).is_some() && !looks_random(path)
}

/// Where the text starts that a function is given whose result is the value: `SecretStr('x')`,
/// `Secret::new("x")`, `new String("x")`, `[]byte("x")`. What gets one from elsewhere is given its name.
pub(super) fn call_with_a_text(hay: &[u8], from: usize) -> Option<usize> {
    let rest = hay.get(from..)?;
    let mut name = from;
    for word in [b"new ".as_slice(), b"[]"] {
        name += if rest.starts_with(word) { word.len() } else { 0 };
    }
    let mut end = run(hay, name, NAME, 32);
    for _ in 0..3 {
        if end == name || !hay[end..].starts_with(b"::") {
            break;
        }
        name = end + 2;
        end = run(hay, name, NAME, 32);
    }
    let called = end > name
        && hay.get(end) == Some(&b'(')
        && matches!(hay.get(end + 1), Some(b'"' | b'\''))
        && !is_getter(hay, name..end);
    called.then_some(end + 1)
}

/// The secret in `user:SECRET@host`.
pub(super) fn login_before_a_host(word: &[u8]) -> Option<Range<usize>> {
    let colon = memchr::memchr(b':', word)?;
    let at = memchr::memrchr(b'@', word).filter(|at| *at > colon + 1)?;
    let secret = &word[colon + 1..at];
    (colon > 0 && !secret.starts_with(b"//") && is_value(secret)).then_some(colon + 1..at)
}

/// Whether what stands before a name is the bracket of a call, or an argument before it.
pub(super) fn glued_to_a_call(before: &[u8]) -> bool {
    before.ends_with(b"(") || before.ends_with(b", ")
}

/// Whether a value is the type of one in a program: `password: str, name: str`.
pub(super) fn is_type(value: &[u8]) -> bool {
    const OF: &[&[u8]] =
        &[b"Optional[", b"Mapped[", b"List[", b"Union[", b"Annotated[", b"SecretStr"];
    const TYPES: &[&[u8]] = &[
        b"String",
        b"ID",
        b"Int",
        b"Float",
        b"Boolean",
        b"str",
        b"bytes",
        b"int",
        b"float",
        b"bool",
        b"SecretStr",
        b"[]byte",
        b"any",
        b"string",
        b"Buffer",
        b"Uint8Array",
    ];
    let value = value.trim_ascii_end();
    let value = value.strip_suffix(b" = None").unwrap_or(value);
    // `String!` of GraphQL, `str | None` of Python
    let value =
        value.strip_suffix(b"!").or_else(|| value.strip_suffix(b" | None")).unwrap_or(value);
    // `Optional[str` is cut at its bracket where arguments are listed.
    let generic = OF.iter().any(|of| value.starts_with(of));
    if generic && value.iter().all(|b| is(*b, NAME) || b"[], |".contains(b)) {
        return true;
    }
    let inner = |open: &[u8], close: &[u8]| value.strip_prefix(open)?.strip_suffix(close);
    let value = inner(b"Optional[", b"]")
        .or_else(|| inner(b"Option<", b">"))
        .or_else(|| inner(b"Promise<", b">"))
        .unwrap_or(value);
    TYPES.contains(&value)
}

/// Whether a value is the call of a function that gives one: `getenv(`, `env(`, `file(`.
pub(super) fn is_getter(hay: &[u8], value: Range<usize>) -> bool {
    const GETTERS: &[&[u8]] = &[
        b"getenv",
        b"env",
        b"environ",
        b"file",
        b"lookup",
        b"read",
        b"var",
        b"get",
        b"config",
        b"secret",
        b"open",
        // `redis.call('get', key)`, `req.header('Authorization')`
        b"call",
        b"query",
        b"header",
        b"cookie",
        b"param",
        // What runs a command.
        b"system",
        b"popen",
        b"output",
        b"execSync",
        b"exec",
        b"execute",
        b"require",
        // Jsonnet, Jenkins, Elixir
        b"extVar",
        b"credentials",
        b"env!",
    ];
    const STARTS: &[&[u8]] = &[b"get", b"read", b"load", b"fetch"];
    // `std::env::var("X")` of Rust
    let (mut start, mut end) = (value.start, run(hay, value.start, NAME, 64));
    for _ in 0..3 {
        if end > start && hay[end..].starts_with(b"::") {
            start = end + 2;
            end = run(hay, start, NAME, 64);
        }
    }
    end += usize::from(end > start && hay[end..].starts_with(b"!("));
    let name = &hay[start..end];
    let last = &name[name.iter().rposition(|b| matches!(b, b'.' | b'_')).map_or(0, |at| at + 1)..];
    end > start
        && hay.get(end) == Some(&b'(')
        && matches!(hay.get(end + 1), Some(b'\'' | b'"' | b'A'..=b'Z' | b'\\' | b'['))
        && (GETTERS.iter().any(|getter| last.eq_ignore_ascii_case(getter))
            // `request.getHeader(`, `input(`: a question, no answer.
            || STARTS.iter().any(|start| last.starts_with(start))
                && last.iter().any(u8::is_ascii_uppercase)
            || matches!(name, b"input" | b"prompt" | b"getpass.getpass" | b"__import__"))
}

/// Whether a program declares a variable here: `const token = `, `local token = `.
pub(super) fn is_declared(before: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [b"const ", b"let ", b"var ", b"local "];
    WORDS.iter().any(|word| before.ends_with(word))
}

/// Letters and digits, eight and more, and nothing that numbers, paths and options have.
pub(super) fn has_digit_and_letter(text: &[u8]) -> bool {
    text.len() >= 8
        && is_mixed(text)
        && !text.iter().any(|b| matches!(b, b'/' | b'=' | b':' | b'.' | b'$'))
        && text[0] != b'-'
}

/// Whether a word in a sentence or a map of anything looks like a secret: random, and no digest,
/// date or version.
pub(super) fn looks_secret(text: &[u8]) -> bool {
    let inner = &text[ends::unquoted(text, 0..text.len())];
    let digits = inner.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = inner.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let hex = inner.iter().all(u8::is_ascii_hexdigit);
    inner.len() >= 8
        && digits > 0
        && letters > 1
        && !hex
        && looks_random(inner)
        && memchr::memchr2(b'/', b':', inner).is_none()
}

/// Whether the right side of ` = ` is code that reads a value: `var.x`, `os.environ["X"]`,
/// `get(x)`.
pub(super) fn is_code(text: &[u8]) -> bool {
    let text = text.strip_suffix(b";").or_else(|| text.strip_suffix(b",")).unwrap_or(text);
    // `await getToken(`, `token or self.fetch()`
    let waits = text.strip_prefix(b"await ");
    let or = || {
        let at = memchr::memmem::find(&text[..text.len().min(LONGEST_NAME)], b" or ")?;
        text[..at].iter().all(|b| b.is_ascii_lowercase() || *b == b'_').then(|| &text[at + 4..])
    };
    let or = or();
    let awaited = waits.is_some();
    let text = waits.or(or).unwrap_or(text);
    let name = run(text, 0, NAME, LONGEST_NAME);
    // `process.env.TOKEN || ''`: what quotes hold there is read by itself.
    if text.starts_with(b"process.env.") {
        return true;
    }
    let dotted =
        name > 2 && text[0].is_ascii_alphabetic() && memchr::memchr(b'.', &text[..name]).is_some();
    match text.get(name) {
        None => dotted && !looks_random(text),
        // Also a call that goes on in the next line.
        Some(b'(') if name > 0 => {
            text.ends_with(b")") || (dotted || awaited) && text.len() == name + 1
        }
        Some(b':') => calls_by_path(text) && matches!(text.last(), Some(b'(' | b')')),
        Some(b'[') => name > 0 && text.ends_with(b"]"),
        _ => false,
    }
}
