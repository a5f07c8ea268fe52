//! The generic artifact under a compiler (wasmtime) and an interpreter (wasmi). As any host would,
//! each keeps memory of the guest for its input, and copies the answer out.

use auditweir::Format;
use auditweir_benches::engines::Engine;
use bytes::Bytes;

/// Where the guest keeps input for as long as it is large enough.
#[derive(Default)]
struct Room {
    at: u32,
    len: u32,
}

/// What both runtimes have in common. The guest's functions are looked up once.
macro_rules! shell {
    ($name:ident, $runtime:ident) => {
        pub(crate) struct $name {
            name: &'static str,
            store: $runtime::Store<()>,
            memory: $runtime::Memory,
            alloc: $runtime::TypedFunc<u32, u32>,
            free: $runtime::TypedFunc<(u32, u32), ()>,
            process: $runtime::TypedFunc<(u32, u32), u64>,
            room: Room,
        }

        impl $name {
            fn start(
                name: &'static str,
                mut store: $runtime::Store<()>,
                instance: &$runtime::Instance,
                format: Format,
            ) -> Self {
                let memory = instance.get_memory(&mut store, "memory").expect("memory");
                let alloc = instance.get_typed_func(&mut store, "auditweir_alloc").expect("alloc");
                let free = instance.get_typed_func(&mut store, "auditweir_free").expect("free");
                let process =
                    instance.get_typed_func(&mut store, "auditweir_process").expect("process");
                let policy = instance
                    .get_typed_func::<(u32, u32, u32, u32, u32), i32>(
                        &mut store,
                        "auditweir_policy",
                    )
                    .expect("policy");
                let format =
                    Format::ALL.iter().position(|known| *known == format).expect("known") as u32;
                let status = policy.call(&mut store, (0, 0, 0, 0, format)).expect("no trap");
                assert_eq!(status, 0, "policy");
                Self { name, store, memory, alloc, free, process, room: Room::default() }
            }
        }

        impl Engine for $name {
            fn name(&self) -> &'static str {
                self.name
            }

            fn line(&mut self, line: &Bytes, out: &mut Vec<u8>) {
                let len = line.len() as u32;
                if self.room.len < len {
                    let old = (self.room.at, self.room.len);
                    self.free.call(&mut self.store, old).expect("no trap");
                    let at = self.alloc.call(&mut self.store, len).expect("no trap");
                    assert_ne!(at, 0, "memory");
                    self.room = Room { at, len };
                }
                let at = self.room.at;
                self.memory.write(&mut self.store, at as usize, line).expect("in range");
                let packed = self.process.call(&mut self.store, (at, len)).expect("no trap");
                let (at, len) = ((packed >> 32) as usize, (packed & 0xffff_ffff) as usize);
                out.extend_from_slice(&self.memory.data(&self.store)[at..at + len]);
            }
        }
    };
}

shell!(Wasmtime, wasmtime);
shell!(Wasmi, wasmi);

impl Wasmtime {
    pub(crate) fn new(name: &'static str, wasm: &[u8], format: Format) -> Self {
        let engine = wasmtime::Engine::default();
        let module = wasmtime::Module::new(&engine, wasm).expect("module");
        let mut store = wasmtime::Store::new(&engine, ());
        let instance = wasmtime::Instance::new(&mut store, &module, &[]).expect("instance");
        Self::start(name, store, &instance, format)
    }
}

impl Wasmi {
    pub(crate) fn new(name: &'static str, wasm: &[u8], format: Format) -> Self {
        let engine = wasmi::Engine::default();
        let module = wasmi::Module::new(&engine, wasm).expect("module");
        let mut store = wasmi::Store::new(&engine, ());
        let instance = wasmi::Instance::new(&mut store, &module, &[]).expect("instance");
        Self::start(name, store, &instance, format)
    }
}
