//! `integrations/fluent-bit/lua/auditweir.lua` in LuaJIT, called as Fluent Bit calls it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fs};

use auditweir_tests::here;
use auditweir_tests::host::{Host, Output, Setup};

/// Spawns `luajit` (or `$LUAJIT`) once per case.
pub(crate) struct LuaJit {
    program: PathBuf,
}

impl LuaJit {
    /// None, said loudly, where there is no LuaJIT.
    fn find() -> Option<Self> {
        let program = PathBuf::from(env::var_os("LUAJIT").unwrap_or_else(|| "luajit".into()));
        if Command::new(&program).arg("-v").output().is_err() {
            eprintln!(
                "SKIPPED: no `luajit` on the PATH and LUAJIT is not set; nothing was checked"
            );
            return None;
        }
        Some(Self { program })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("AUDITWEIR_LIBRARY", super::capi::library());
        command
    }
}

fn script() -> PathBuf {
    here("../integrations/fluent-bit/lua/auditweir.lua")
}

impl Host for LuaJit {
    fn name(&self) -> &'static str {
        "LuaJIT"
    }

    fn run(&mut self, setup: &Setup<'_>, input: &[u8]) -> Result<Output, String> {
        let mut command = self.command();
        command.arg(here("hosts/luajit.lua")).arg(script()).env("AUDITWEIR_FORMAT", setup.to);
        let folder = env::temp_dir().join(format!("auditweir-luajit-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        for (name, bytes) in [
            ("AUDITWEIR_POLICY", setup.policy.map(str::as_bytes)),
            ("AUDITWEIR_PSEUDONYM_KEY_FILE", setup.key),
        ] {
            if let Some(bytes) = bytes {
                fs::write(folder.join(name), bytes).map_err(|error| error.to_string())?;
                command.env(name, folder.join(name));
            }
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        // The script reads all of it before it writes.
        let mut stdin = child.stdin.take().ok_or("no stdin")?;
        stdin.write_all(input).map_err(|error| error.to_string())?;
        drop(stdin);
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        _ = fs::remove_dir_all(&folder);
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(Output { stdout: output.stdout, said: output.stderr, counts: None })
    }
}

#[test]
fn cases() {
    if let Some(mut host) = LuaJit::find() {
        super::run(&mut host);
    }
}

/// Runs Lua text after the script and returns what it prints.
fn lua(host: &LuaJit, envs: &[(&str, &str)], text: &str) -> Result<String, String> {
    let text = format!("dofile({:?})\n{text}", script().display().to_string());
    let output = host.command().envs(envs.iter().copied()).arg("-e").arg(text).output();
    let output = output.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn failures_are_stubs_and_the_next_record_is_served() {
    let Some(host) = LuaJit::find() else { return };
    let shown = lua(
        &host,
        &[],
        r#"
        local function show(record)
          local code, _, out = auditweir("t", 0, record)
          print(code, out and out.log)
        end
        show({ kind = "Event", requestObject = { data = { p = "hunter2" } } })
        show(setmetatable({}, { __index = function() error("hunter2") end }))
        show({ log = 5, message = '{"kind":"Event","verb":"get","auditID":"1"}' })
        show(nil)
        show({ log = "" })
        show({ log = '{"kind":"Event","verb":"get","auditID":"2"}' })
        "#,
    )
    .unwrap();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 6, "{shown}");
    assert!(lines[0].starts_with("2\t") && lines[0].contains("lua-needs-raw-lines"), "{shown}");
    assert!(lines[1].starts_with("2\t") && lines[1].contains("lua-error"), "{shown}");
    assert!(lines[2].contains(r#""auditID":"1""#), "{shown}");
    assert!(lines[3].starts_with("2\t") && lines[3].contains("lua-error"), "{shown}");
    assert_eq!(lines[4].split('\t').next(), Some("-1"), "{shown}");
    assert!(lines[5].contains(r#""auditID":"2""#), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn wrong_settings_keep_it_from_loading() {
    let Some(host) = LuaJit::find() else { return };
    for (name, value, part) in [
        ("AUDITWEIR_LIBRARY", "/nowhere/libauditweir.so", "/nowhere/libauditweir.so"),
        ("AUDITWEIR_POLICY", "/nowhere/policy.yaml", "/nowhere/policy.yaml"),
        ("AUDITWEIR_FORMAT", "json", "is none of `native`, `ecs`"),
        ("AUDITWEIR_PSEUDONYM_KEY_FILE", "/dev/null", "at least 16 bytes"),
    ] {
        let error = lua(&host, &[(name, value)], "").unwrap_err();
        assert!(error.contains(part), "{name}: {error}");
    }
}
