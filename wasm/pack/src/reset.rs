//! Makes every call start with an empty stack.
//!
//! The stack in linear memory is a pointer in a wasm global. A trap leaves it where it was, so a
//! host that goes on after traps runs out of stack after some thousand of them and every later
//! event is lost. Host calls do not nest, so each may start at the top.

use walrus::ir::Value;
use walrus::{ConstExpr, ExportItem, FunctionBuilder, GlobalKind, Module, ModuleConfig, ValType};

/// Puts a function before each `auditweir_…` export that sets the stack pointer to its initial value.
pub(crate) fn stack_at_entry(wasm: &[u8]) -> Result<Vec<u8>, String> {
    let mut config = ModuleConfig::new();
    config.generate_producers_section(false).generate_name_section(false);
    let mut module: Module = config.parse(wasm).map_err(|error| format!("{error:#}"))?;
    let mut globals = module.globals.iter().filter_map(|global| match global.kind {
        GlobalKind::Local(ConstExpr::Value(value)) if global.mutable => Some((global.id(), value)),
        _ => None,
    });
    // rustc makes no other mutable global for this target; if it ever does, choosing is a guess.
    let (Some((pointer, Value::I32(top))), None) = (globals.next(), globals.next()) else {
        return Err("the module does not have exactly one mutable global".into());
    };
    drop(globals);
    let entries: Vec<_> = module
        .exports
        .iter()
        .filter(|export| export.name.starts_with("auditweir_"))
        .filter_map(|export| match export.item {
            ExportItem::Function(function) => Some((export.id(), function)),
            _ => None,
        })
        .collect();
    for (export, function) in entries {
        let signature = module.types.get(module.funcs.get(function).ty());
        let (params, results) = (signature.params().to_vec(), signature.results().to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        let args: Vec<_> = params.iter().map(|ty: &ValType| module.locals.add(*ty)).collect();
        let mut body = builder.func_body();
        body.i32_const(top).global_set(pointer);
        for arg in &args {
            body.local_get(*arg);
        }
        body.call(function);
        let wrapper = builder.finish(args, &mut module.funcs);
        module.exports.get_mut(export).item = ExportItem::Function(wrapper);
    }
    // Two addresses that the linker exports and no host needs.
    for name in ["__data_end", "__heap_base"] {
        let _ = module.exports.remove(name);
    }
    Ok(module.emit_wasm())
}
