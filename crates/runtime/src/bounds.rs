//! Settings that are numbers lie within bounds: what is said of those that do not.

/// Collects what is wrong with the numbers of one section of the settings.
#[derive(Debug)]
pub struct Bounds {
    section: &'static str,
    faults: Vec<String>,
}

impl Bounds {
    /// Nothing is wrong yet with this section, such as `agent_worker`.
    #[must_use]
    pub fn of(section: &'static str) -> Self {
        Self {
            section,
            faults: Vec::new(),
        }
    }

    /// A setting's value must be from `least` to `most`.
    pub fn within(&mut self, key: &str, value: u64, least: u64, most: u64) {
        if !(least..=most).contains(&value) {
            let section = self.section;
            self.faults.push(format!(
                "{section}.{key} must be from {least} to {most}, and is {value}"
            ));
        }
    }

    /// What was found, each with its key and a remedy.
    #[must_use]
    pub fn into_faults(self) -> Vec<String> {
        self.faults
    }
}
