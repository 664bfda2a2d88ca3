//! The first seconds of a process, and its last ones.
