//! Texts and expressions: templates in braces, filled with slots, in the language of the conversation.

mod built_in;
mod locale;
mod markdown;
mod operands;
mod own_name;
mod template;
#[cfg(test)]
mod tests;

pub use self::markdown::unescaped;
pub(crate) use self::{
    built_in::built_in,
    locale::Tongue,
    operands::operands,
    own_name::own_name,
    template::{BadTemplate, Names, Said, SaidList, Templates, jinja},
};
