// The module as a host holds it: memory, calls, texts.

use wasmtime::{Engine, Error, Instance, Memory, Module, Result, Store};

/// One instance of the module: one filter.
pub(crate) struct Guest {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

impl Guest {
    /// An instance, if the module speaks version 1 of the ABI.
    pub(crate) fn new(engine: &Engine, module: &Module) -> Result<Self> {
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, module, &[])?;
        let memory = instance.get_memory(&mut store, "memory").ok_or(Error::msg("no memory"))?;
        let version = instance.get_typed_func::<(), u32>(&mut store, "auditweir_abi_version")?;
        let version = version.call(&mut store, ())?;
        if version != 1 {
            return Err(Error::msg(format!("unknown ABI version {version}")));
        }
        Ok(Self { store, instance, memory })
    }

    /// Copies bytes into memory of the guest.
    fn put(&mut self, bytes: &[u8]) -> Result<(u32, u32)> {
        let alloc = self.instance.get_typed_func::<u32, u32>(&mut self.store, "auditweir_alloc")?;
        let (len, at) = (bytes.len() as u32, alloc.call(&mut self.store, bytes.len() as u32)?);
        if at == 0 {
            return Err(Error::msg("the guest is out of memory"));
        }
        self.memory.write(&mut self.store, at as usize, bytes)?;
        Ok((at, len))
    }

    fn free(&mut self, memory: (u32, u32)) -> Result<()> {
        let free =
            self.instance.get_typed_func::<(u32, u32), ()>(&mut self.store, "auditweir_free")?;
        free.call(&mut self.store, memory)
    }

    /// Copies an answer out; the guest overwrites it in the next call.
    fn get(&self, packed: u64) -> Vec<u8> {
        let (at, len) = ((packed >> 32) as usize, (packed & 0xffff_ffff) as usize);
        self.memory.data(&self.store)[at..at + len].to_vec()
    }

    /// Sets policy, pseudonym key (either may be empty) and format (a number of `auditweir.h`: 0 is `native`).
    pub(crate) fn policy(&mut self, policy: &[u8], key: &[u8], format: u32) -> Result<()> {
        let set = self.instance.get_typed_func(&mut self.store, "auditweir_policy")?;
        let (policy, key) = (self.put(policy)?, self.put(key)?);
        let status: i32 = set.call(&mut self.store, (policy.0, policy.1, key.0, key.1, format))?;
        self.free(policy)?;
        self.free(key)?;
        if status == 0 { Ok(()) } else { Err(Error::msg(self.text("auditweir_error")?)) }
    }

    /// Runs lines through the filter.
    pub(crate) fn process(&mut self, lines: &[u8]) -> Result<Vec<u8>> {
        let process = self.instance.get_typed_func(&mut self.store, "auditweir_process")?;
        let lines = self.put(lines)?;
        let clean = process.call(&mut self.store, lines)?;
        let clean = self.get(clean);
        self.free(lines)?;
        Ok(clean)
    }

    /// The lines that still waited for their rest.
    pub(crate) fn finish(&mut self) -> Result<Vec<u8>> {
        let finish =
            self.instance.get_typed_func::<(), u64>(&mut self.store, "auditweir_finish")?;
        let clean = finish.call(&mut self.store, ())?;
        Ok(self.get(clean))
    }

    /// Calls `auditweir_error` or `auditweir_stats`.
    pub(crate) fn text(&mut self, name: &str) -> Result<String> {
        let packed =
            self.instance.get_typed_func(&mut self.store, name)?.call(&mut self.store, ())?;
        Ok(String::from_utf8(self.get(packed))?)
    }
}
