//! [`Shader`]: what a kernel's WGSL depends on. Launches of equal shaders share a pipeline.

use std::any::Any;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};

use super::code::Code;
use crate::error::Result;
use crate::plan::capability::Capabilities;

/// A shader by all that its source depends on.
pub(crate) trait Shader: Debug + Send + Sync + Compared {
    /// The name in labels and messages.
    fn name(&self) -> &'static str;
    /// How many buffers it reads (beside the parameters) and writes.
    fn buffers(&self) -> (usize, usize);
    /// The WGSL that the crate wrote.
    ///
    /// # Errors
    /// [`Error::Bug`](crate::error::Error::Bug) for an expression that the tables do not allow.
    fn source(&self, caps: &Capabilities) -> Result<String>;
    /// The same with another fused expression, where it has one.
    fn with(&self, _: Code) -> Option<Box<dyn Shader>> {
        None
    }
    /// The fused expression in it.
    fn code(&self) -> Option<&Code> {
        None
    }
}

/// The whole of a shader's WGSL.
///
/// # Errors
/// As [`Shader::source`].
pub(crate) fn source(shader: &dyn Shader, caps: &Capabilities) -> Result<String> {
    // Last, when the library was searched for the names in the text: a user's names are none of those.
    Ok(shader.source(caps)? + &shader.code().map(Code::user_source).unwrap_or_default())
}

/// The fused expression, if there is source in it that the crate did not write.
pub(crate) fn user_code(shader: &dyn Shader) -> Option<&Code> {
    shader.code().filter(|code| code.has_user_source())
}

/// What a key of a map can do, of shaders of any kind.
pub(crate) trait Compared {
    fn as_any(&self) -> &dyn Any;
    fn is_equal(&self, other: &dyn Any) -> bool;
    fn hash_into(&self, hasher: &mut dyn Hasher);
    fn boxed(&self) -> Box<dyn Shader>;
}

impl<S: Shader + Clone + Eq + Hash + 'static> Compared for S {
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn is_equal(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<S>() == Some(self)
    }
    fn hash_into(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }
    fn boxed(&self) -> Box<dyn Shader> {
        Box::new(self.clone())
    }
}

impl PartialEq for dyn Shader {
    fn eq(&self, other: &Self) -> bool {
        self.is_equal(other.as_any())
    }
}
impl Eq for dyn Shader {}
impl Hash for dyn Shader {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.name().hash(hasher);
        self.hash_into(hasher);
    }
}
