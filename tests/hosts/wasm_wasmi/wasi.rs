//! The part of WASI preview 1 that the Fluent Bit artifact imports: one directory in memory,
//! standard error into a buffer, no environment.

use wasmi::{Caller, Engine, Error, Extern, Linker, Memory};

const OK: i32 = 0;
const ACCES: i32 = 2;
const BADF: i32 = 8;
const NOENT: i32 = 44;

/// Contents of a file that exists and cannot be opened.
pub(super) const FORBIDDEN: &[u8] = b"<permission denied>";

/// One preopened directory and what is in it.
pub(super) struct Wasi {
    directory: &'static str,
    files: Vec<(String, Vec<u8>)>,
    /// Files by descriptor, from 4; and how far each has been read.
    open: Vec<Option<(usize, usize)>>,
    /// What was written to standard error.
    pub(super) said: Vec<u8>,
}

impl Wasi {
    pub(super) fn new(directory: &'static str, files: Vec<(String, Vec<u8>)>) -> Self {
        Self { directory, files, open: Vec::new(), said: Vec::new() }
    }

    fn opened(&mut self, fd: i32) -> Option<&mut Option<(usize, usize)>> {
        self.open.get_mut(usize::try_from(fd).ok()?.checked_sub(4)?).filter(|file| file.is_some())
    }
}

type Host<'a> = Caller<'a, Wasi>;

fn memory(host: &Host<'_>) -> Memory {
    host.get_export("memory").and_then(Extern::into_memory).expect("memory")
}

fn put(host: &mut Host<'_>, at: i32, bytes: &[u8]) {
    memory(host).write(host, at.cast_unsigned() as usize, bytes).expect("in range");
}

fn get(host: &Host<'_>, at: i32, len: usize) -> Vec<u8> {
    memory(host).data(host)[at.cast_unsigned() as usize..][..len].to_vec()
}

fn get_u32(host: &Host<'_>, at: i32) -> u32 {
    u32::from_le_bytes(get(host, at, 4).try_into().expect("four"))
}

/// The buffers of an iovec array.
fn buffers(host: &Host<'_>, at: i32, count: i32) -> Vec<(i32, usize)> {
    (0..count)
        .map(|n| (get_u32(host, at + 8 * n).cast_signed(), get_u32(host, at + 8 * n + 4) as usize))
        .collect()
}

/// A linker with all of it.
pub(super) fn linker(engine: &Engine) -> Linker<Wasi> {
    let mut linker = Linker::new(engine);
    add(&mut linker).expect("no name twice");
    linker
}

fn add(linker: &mut Linker<Wasi>) -> Result<(), Error> {
    const M: &str = "wasi_snapshot_preview1";
    linker.func_wrap(M, "environ_sizes_get", |mut host: Host<'_>, count: i32, size: i32| {
        put(&mut host, count, &[0; 4]);
        put(&mut host, size, &[0; 4]);
        OK
    })?;
    linker.func_wrap(M, "environ_get", |_: Host<'_>, _: i32, _: i32| OK)?;
    linker.func_wrap(M, "random_get", |mut host: Host<'_>, at: i32, len: i32| {
        put(&mut host, at, &vec![7; len.cast_unsigned() as usize]);
        OK
    })?;
    linker.func_wrap(M, "proc_exit", |_: Host<'_>, code: i32| -> Result<(), Error> {
        Err(Error::new(format!("exit {code}")))
    })?;
    linker.func_wrap(M, "fd_prestat_get", |mut host: Host<'_>, fd: i32, at: i32| {
        if fd != 3 {
            return BADF;
        }
        let len = host.data().directory.len() as u32;
        put(&mut host, at, &[0; 4]);
        put(&mut host, at + 4, &len.to_le_bytes());
        OK
    })?;
    linker.func_wrap(
        M,
        "fd_prestat_dir_name",
        |mut host: Host<'_>, fd: i32, at: i32, len: i32| {
            let name = host.data().directory;
            if fd != 3 || (len.cast_unsigned() as usize) < name.len() {
                return BADF;
            }
            put(&mut host, at, name.as_bytes());
            OK
        },
    )?;
    linker.func_wrap(
        M,
        "path_open",
        |mut host: Host<'_>,
         fd: i32,
         _: i32,
         path: i32,
         len: i32,
         _: i32,
         _: i64,
         _: i64,
         _: i32,
         opened: i32| {
            let path = get(&host, path, len.cast_unsigned() as usize);
            let wasi = host.data_mut();
            let found = wasi.files.iter().position(|(name, _)| name.as_bytes() == path);
            let Some(found) = found.filter(|_| fd == 3) else { return NOENT };
            if wasi.files[found].1 == FORBIDDEN {
                return ACCES;
            }
            wasi.open.push(Some((found, 0)));
            let fd = wasi.open.len() as u32 + 3;
            put(&mut host, opened, &fd.to_le_bytes());
            OK
        },
    )?;
    linker.func_wrap(M, "fd_close", |mut host: Host<'_>, fd: i32| {
        match host.data_mut().opened(fd) {
            Some(file) => {
                *file = None;
                OK
            }
            None => BADF,
        }
    })?;
    linker.func_wrap(M, "fd_fdstat_get", |mut host: Host<'_>, fd: i32, at: i32| {
        let kind = if fd == 3 { 3 } else { 4 };
        let mut stat = [0; 24];
        stat[0] = kind;
        stat[8..].fill(0xff);
        put(&mut host, at, &stat);
        OK
    })?;
    linker.func_wrap(M, "fd_filestat_get", |mut host: Host<'_>, fd: i32, at: i32| {
        let Some(Some((file, _))) = host.data_mut().opened(fd).copied() else { return BADF };
        let mut stat = [0; 64];
        stat[16] = 4;
        stat[32..40].copy_from_slice(&(host.data().files[file].1.len() as u64).to_le_bytes());
        put(&mut host, at, &stat);
        OK
    })?;
    linker.func_wrap(
        M,
        "fd_read",
        |mut host: Host<'_>, fd: i32, at: i32, count: i32, done: i32| {
            let mut total = 0;
            for (buffer, len) in buffers(&host, at, count) {
                let wasi = host.data_mut();
                let Some(Some((file, from))) = wasi.opened(fd).copied() else { return BADF };
                let rest = &wasi.files[file].1[from..];
                let some = rest[..len.min(rest.len())].to_vec();
                *wasi.opened(fd).expect("open") = Some((file, from + some.len()));
                total += some.len() as u32;
                put(&mut host, buffer, &some);
            }
            put(&mut host, done, &total.to_le_bytes());
            OK
        },
    )?;
    linker.func_wrap(
        M,
        "fd_write",
        |mut host: Host<'_>, fd: i32, at: i32, count: i32, done: i32| {
            if fd != 2 {
                return BADF;
            }
            let mut total = 0;
            for (buffer, len) in buffers(&host, at, count) {
                let bytes = get(&host, buffer, len);
                host.data_mut().said.extend_from_slice(&bytes);
                total += len as u32;
            }
            put(&mut host, done, &total.to_le_bytes());
            OK
        },
    )?;
    Ok(())
}
