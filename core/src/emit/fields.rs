//! The ECS fields written.
