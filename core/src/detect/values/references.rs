//! Values that say where a secret is, and are none: variables, templates, paths, files,
//! names of objects.

use super::plain::{is_scheme, is_switch, split_at_dot};
use super::random::looks_random;
use crate::detect::jumbled::is_jumbled;
use crate::detect::names::classify;

/// Digits alone, as many as people are asked for.
pub(super) fn is_code(value: &[u8]) -> bool {
    (4..=10).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
}

/// `authHeader`, `auth_header`: nobody's credential ends so.
pub(super) fn is_variable_of_a_header(value: &[u8]) -> bool {
    let value = value.strip_suffix(b",").unwrap_or(value);
    let letters = value.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_');
    letters && (value.ends_with(b"Header") || value.ends_with(b"_header"))
}

/// `db/password.txt`: a file with an ending in a folder, called like a secret.
pub(super) fn is_file_of_a_secret(path: &[u8]) -> bool {
    let Some(slash) = memchr::memrchr(b'/', path) else { return false };
    let Some((name, _)) = split_at_dot(&path[slash + 1..]) else { return false };
    name.len() > 3 && classify(name).hints() && !looks_random(path)
}

/// A path below a folder that every system has.
pub(super) fn is_rooted(path: &[u8]) -> bool {
    const ROOTS: &[&[u8]] = &[
        b"/etc/",
        b"/var/",
        b"/run/",
        b"/tmp/",
        b"/opt/",
        b"/usr/",
        b"/home/",
        b"/root/",
        b"/mnt/",
        b"/srv/",
        b"/secrets/",
        b"/workspace/",
    ];
    ROOTS.iter().any(|root| path.len() > root.len() && path.starts_with(root))
        && !looks_random(path)
        && !is_jumbled(path)
}

/// Where clients put a secret: `header`, `cookie:sid`.
pub(super) fn is_sent_in(value: &[u8]) -> bool {
    let place = &value[..memchr::memchr(b':', value).unwrap_or(value.len())];
    matches!(place, b"header" | b"cookie" | b"query" | b"body")
}

/// Whether the whole of a value is one reference to where the secret is.
pub fn is_reference(value: &[u8]) -> bool {
    match value {
        [b'$', b'(', inside @ .., b')'] => is_word(inside, b".-:") || prints_a_file(inside),
        // Chainsaw: `($values.bundle)`
        [b'(', b'$', inside @ .., b')'] => is_word(inside, b"."),
        // Also `${{ secrets.TOKEN }}` of GitHub.
        [b'$', b'{', b'{', inside @ .., b'}', b'}'] | [b'{', b'{', inside @ .., b'}', b'}'] => {
            is_template(inside)
        }
        [b'$', b'{', inside @ .., b'}'] => {
            let end =
                memchr::memmem::find(inside, b":-").or_else(|| memchr::memmem::find(inside, b":="));
            match end {
                // What stands after it is used when the variable is not set.
                Some(at) => {
                    let default = inside[at + 2..].trim_ascii();
                    is_word(&inside[..at], b".-_")
                        && (default.is_empty() || is_switch(default) || is_short_reference(default))
                }
                // Also `${env `NAME`}` of Bank-Vaults.
                None => is_word(inside, b".-:/?!@[]^,# `()") && !looks_random(inside),
            }
        }
        // Grafana: `$__file{/run/pw}`
        [b'$', b'_', b'_', inside @ .., b'}'] => {
            memchr::memchr(b'{', inside).is_some() && !looks_random(inside)
        }
        // `'{"secret": "'$secret'"}'` of a shell: what stands between the quotes.
        [b'\'', inside @ .., b'\''] if inside.first() == Some(&b'$') => is_reference(inside),
        // `$$NAME` and `$${NAME}`, where a dollar is escaped.
        // What a shell unescapes is written in it.
        [b'$', b'\'' | b'"', ..] => false,
        [b'$', b'$', b'{' | b'(', ..] if value.len() < 256 => is_reference(&value[1..]),
        // NATS: `<< $TOKEN >>`
        [b'$', b'$', name @ ..]
        | [b'$', name @ ..]
        | [b'<', b'<', b' ', b'$', name @ .., b' ', b'>', b'>'] => {
            is_shell_name(name) || is_secret_and_key(name)
        }
        // `rtsp://{RTSP_USER}:{RTSP_PASSWORD}@camera`, `f"Bearer {app_token}"`
        [b'{', name @ .., b'}'] if is_word(name, b"") && name[0].is_ascii_alphabetic() => {
            is_shell_name(name)
        }
        // Google Cloud: `projects/p/secrets/db/versions/latest`
        [b'p', b'r', b'o', b'j', b'e', b'c', b't', b's', b'/', name @ ..] => {
            memchr::memmem::find(name, b"/secrets/").is_some()
                && is_word(name, b"-/.")
                && !looks_random(name)
        }
        [b'e', b'n', b'v', b':' | b'/', name @ ..] => {
            is_shell_name(name) && !name.iter().any(u8::is_ascii_lowercase)
        }
        // Caddy and others: `{env.X}`, `{$X}`, `{file:/run/x}`
        [b'{', inside @ .., b'}'] => {
            const STARTS: [&[u8]; 6] = [b"env.", b"env:", b"$", b"file:", b"file.", b"secret:"];
            STARTS.iter().any(|start| inside.starts_with(start))
                && is_word(inside, b".-:/$")
                && !looks_random(inside)
        }
        // Where a Secret is mounted.
        [b'/', b'v', b'a', b'r', b'/', rest @ ..] | [b'/', rest @ ..]
            if rest.starts_with(b"run/secrets/") =>
        {
            is_word(rest, b"/.-") && !looks_random(rest)
        }
        // `<name of the secret>`
        [b'<', b'b', b'a', b's', b'e', b'6', b'4', b'-', words @ .., b'>'] => {
            is_word(words, b"-") && !looks_random(words)
        }
        [b'<', b'n', b'a', b'm', b'e', b' ', words @ .., b'>'] => {
            words.len() < 64 && words.iter().all(|b| b.is_ascii_lowercase() || *b == b' ')
        }
        // Home Assistant
        [b'!', b's', b'e', b'c', b'r', b'e', b't', b' ', name @ ..] => is_word(name, b"-"),
        // SOPS: enciphered, whoever reads it needs the key.
        [b'E', b'N', b'C', b'[', b'A', b'E', b'S', b'2', b'5', b'6', inside @ .., b']'] => {
            const PARTS: [&[u8]; 4] = [b",data:", b",iv:", b",tag:", b",type:"];
            let mut rest = inside;
            PARTS.iter().all(|part| {
                let at = memchr::memmem::find(rest, part);
                rest = at.map_or(&[][..], |at| &rest[at + part.len()..]);
                at.is_some()
            }) && inside.iter().all(|b| b.is_ascii_alphanumeric() || b"_,:+/=".contains(b))
        }
        // Symfony: `%env(X)%`
        [b'%', b'e', b'n', b'v', b'(', inside @ .., b')', b'%'] => is_word(inside, b":"),
        // Argo CD's plugin for Vault: `<path:secret/data/x#pw>`
        [b'<', b'p', b'a', b't', b'h', b':', inside @ .., b'>'] => {
            inside.iter().all(u8::is_ascii_graphic) && !looks_random(inside)
        }
        // An entity of XML.
        [b'&', inside @ .., b';'] => is_word(inside, b"") && !looks_random(inside),
        [b'%', b'(', inside @ .., b')', b's'] | [b'%', inside @ .., b'%'] => is_word(inside, b"_"),
        [b'<', b'%', ..] => value.ends_with(b"%>") && is_template(value),
        _ => {
            const SCHEMES: &[&[u8]] = &[
                b"vault:",
                b"op://",
                b"ref+",
                b"arn:aws",
                b"secretsmanager:",
                b"ssm:",
                b"keyvault:",
                b"urn:k8s:",
                b"@Microsoft.KeyVault(",
                b"{cipher}",
                b"kms:",
                b"sops:",
                b"awssm:",
                b"gcpsm:",
                b"sm://",
                b"gsm://",
                b"asm://",
                // Argo CD's image updater
                b"secret:",
                b"pullsecret:",
                b"os.environ/",
                b"file:/",
                b"@/",
            ];
            memchr::memchr2(b'/', b':', value).is_some()
                && SCHEMES.iter().any(|scheme| value.starts_with(scheme))
                && value.iter().all(u8::is_ascii_graphic)
                && (memchr::memchr2(b'/', b'#', value).is_some()
                    || value.starts_with(b"urn:")
                    || value.starts_with(b"arn:"))
                && !looks_random(value)
                && !value.starts_with(b"{cipher}")
        }
    }
}

/// `cat "/etc/secrets/${NAME}"`
pub(super) fn prints_a_file(command: &[u8]) -> bool {
    let Some(path) = command.strip_prefix(b"cat ") else { return false };
    let quoted = path.strip_prefix(b"\"").and_then(|path| path.strip_suffix(b"\""));
    let path = quoted.unwrap_or(path);
    path.first() == Some(&b'/') && is_word(path, b"/.-${}") && !looks_random(path)
}

/// `$client-secret:client-secret-key` of Keycloak's operator, without the dollar: a Secret and its key.
pub(super) fn is_secret_and_key(text: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', text) else { return false };
    let (secret, key) = (&text[..colon], &text[colon + 1..]);
    let named = |name: &[u8]| {
        name.len() > 3 && name.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'))
    };
    named(secret)
        && named(key)
        && (classify(secret).hints() || classify(key).hints())
        && !looks_random(text)
}

/// `Bearer ${TOKEN}`: the scheme of a header and a reference.
pub(super) fn is_scheme_and_reference(value: &[u8]) -> bool {
    let Some(space) = memchr::memchr(b' ', value) else { return false };
    is_scheme(&value[..space]) && is_reference(value[space..].trim_ascii())
}

/// `${A:-${B}}` and `${A:-$B}`: the default is a reference itself, one level deep.
pub(super) fn is_short_reference(text: &[u8]) -> bool {
    match text {
        [b'$', b'{', inside @ .., b'}'] | [b'$', b'(', inside @ .., b')'] => {
            is_word(inside, b".-_")
        }
        [b'$', name @ ..] => is_shell_name(name),
        _ => false,
    }
}

pub(super) fn is_word(text: &[u8], also: &[u8]) -> bool {
    !text.is_empty()
        && text.len() <= 256
        && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_' || also.contains(b))
}

/// A variable as shells write it. Small letters only when they name a secret: `$ecret` is none.
pub(super) fn is_shell_name(name: &[u8]) -> bool {
    let shaped = name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    shaped
        && (name.iter().all(|b| !b.is_ascii_lowercase()) && !looks_random(name)
            || !looks_random(name) && classify(name).hints())
}

/// Templates of Go and others, whole: more than one action may stand there, but no text with a
/// random look and no quoted default.
pub(super) fn is_template(inside: &[u8]) -> bool {
    // `.sshKeyB64` is the name of a field.
    let words = || inside.split(|b| matches!(b, b' ' | b'|' | b'(' | b')'));
    inside.len() <= 1024
        // `"skipB64enc" true`
        && !words().any(|word| {
            let about = word.len() < 16 && memchr::memmem::find(word, b"B64").is_some();
            !word.starts_with(b".") && !about && looks_random(word)
        })
        && memchr::memmem::find_iter(inside, b"default ")
            .all(|at| matches!(inside[at + 8..], [b'(' | b'.' | b'$', ..] | [b'"', b'"', ..]))
}

pub(super) fn is_path(value: &[u8]) -> bool {
    const ENDS: &[&[u8]] = &[
        b".pem",
        b".key",
        b".crt",
        b".cer",
        b".json",
        b".yaml",
        b".yml",
        b".txt",
        b".jks",
        b".p12",
        b".pfx",
        b".pub",
        b".conf",
        b".cfg",
        b".env",
        b".properties",
        b".xml",
        b".token",
        b".asc",
        b".gpg",
        b".js",
        b".sh",
        b".py",
        b".sql",
        b".toml",
        b".ini",
        b".cnf",
        b".kubeconfig",
    ];
    let path = value.strip_prefix(b"cat ").unwrap_or(value).trim_ascii();
    if path.len() > 1024
        || !path.iter().all(|b| {
            b.is_ascii_graphic()
                && !matches!(
                    b,
                    b'"' | b'\'' | b'`' | b';' | b'|' | b'<' | b'>' | b'=' | b'+' | b'&'
                )
        })
    {
        return false;
    }
    if path.starts_with(b"$(") && memchr::memmem::find(path, b")/").is_some() {
        return !looks_random(path);
    }
    if matches!(path, [b'/', b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'$' | b'{', ..])
        || path.starts_with(b"./")
        || path.starts_with(b"../")
        || path.starts_with(b"~/")
        || path.starts_with(b"file:")
    {
        return memchr::memchr(b'/', &path[1..]).is_some() || path.contains(&b'.');
    }
    let Some(dot) = memchr::memrchr(b'.', path).filter(|dot| *dot > 0) else { return false };
    ENDS.contains(&&path[dot..])
        && path.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
}

/// `super-secret`, `VERY_STRONG_PASSWORD`: how people call a secret that they made up. Nobody calls a
/// Secret or a variable so.
fn praises(name: &[u8]) -> bool {
    const WORDS: &[&[u8]] =
        &[b"super", b"supersecret", b"very", b"mega", b"ultra", b"extremely", b"totally"];
    name.split(|b| matches!(b, b'-' | b'_'))
        .any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// A variable in capitals whose name says that it holds a secret.
pub(super) fn is_variable(value: &[u8]) -> bool {
    if matches!(value, b"PASSWORD" | b"TOKEN" | b"SECRET" | b"PASSPHRASE") {
        return true;
    }
    value.contains(&b'_')
        && value.len() <= 128
        && value.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && classify(value).hints()
        && !praises(value)
}

/// `$(DRIVER)://$(USER):$(PASSWORD)@$(HOST)`: nothing but variables before the host.
pub(super) fn logs_in_by_variables(value: &[u8]) -> bool {
    let Some(at) = memchr::memmem::find(value, b"://") else { return false };
    let (mut rest, mut any) = (&value[at + 3..], false);
    loop {
        match rest {
            [b':', after @ ..] => rest = after,
            [b'@', ..] => return any,
            [b'$', b'(' | b'{', after @ ..] => {
                let end = if rest[1] == b'(' { b')' } else { b'}' };
                let Some(len) = memchr::memchr(end, after) else { return false };
                if !is_word(&after[..len], b".-") {
                    return false;
                }
                (rest, any) = (&after[len + 1..], true);
            }
            _ => return false,
        }
    }
}

/// At least two words of small letters, the last of which is one of secrets: `redis_password`. Or one
/// that keys are called as a rule.
pub(super) fn names_a_key(value: &[u8]) -> bool {
    matches!(
        value,
        b"password"
            | b"token"
            | b"secret"
            | b"credentials"
            | b"passwd"
            | b"apiKey"
            | b"accessKey"
            | b"secretKey"
            | b"clientSecret"
            | b"privateKey"
            | b"apikey"
            | b"kubeconfig"
    ) || value.iter().any(|b| matches!(b, b'-' | b'_' | b'.'))
        && value.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_' | b'.'))
        && classify(value).hints()
}

/// Words of small letters with dashes between, one of them `secret`: what a Secret is called.
pub(super) fn names_a_secret(value: &[u8]) -> bool {
    let simple = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    memchr::memchr(b'-', value).is_some()
        && value.iter().all(simple)
        && value.split(|b| *b == b'-').any(|word| word == b"secret")
        && value.iter().filter(|b| b.is_ascii_digit()).count() <= 1
        && !praises(value)
}

/// `first-secret second-secret`, `kfg-$(context.name)`: names of objects, and what is put together
/// to one.
pub(super) fn names_objects(value: &[u8]) -> bool {
    let lower = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    value.len() <= 1024
        && value.contains(&b'-')
        && value.split(|b| matches!(b, b' ' | b',')).filter(|name| !name.is_empty()).all(|name| {
            let reference = memchr::memchr(b'$', name);
            let (name, reference) = name.split_at(reference.unwrap_or(name.len()));
            (reference.is_empty() || is_reference(reference))
                && name.contains(&b'-')
                && name.iter().all(lower)
                && !looks_random(name)
                && !is_jumbled(name)
        })
}
