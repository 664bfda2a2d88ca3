//! Settings, as the binary reads them.
