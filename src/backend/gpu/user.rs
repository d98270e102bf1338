//! Functions of elements that users wrote in WGSL. A text knows the language and itself, and nothing of ours: it is checked
//! alone, so that messages show it as it was written, and its names get a prefix before it is put into a shader.

use wgpu::naga::common::wgsl::TypeContext as _;
use wgpu::naga::front::wgsl::parse_str;
use wgpu::naga::valid::{Capabilities, ShaderStages, ValidationFlags, Validator};
use wgpu::naga::{AddressSpace, Block, Function, Module, Statement, TypeInner};

use super::code::Code;
use crate::ops::ElementFunction;
use crate::ops::wgsl_names::{depths, directive, with_prefix};

impl Code {
    /// What users wrote, each text once, under names of its own.
    pub(crate) fn user_source(&self) -> String {
        let first = |&at: &usize| self.first_of_text(at) == at;
        let text = |at: usize| format!("\n{}\n", with_prefix(self.functions[at].wgsl.trim(), &self.prefix(at)));
        (0..self.functions.len()).filter(first).map(text).collect()
    }
    /// What function number `at` is called there.
    pub(super) fn user_name(&self, at: usize) -> Option<String> {
        let function = self.functions.get(at)?;
        Some(self.prefix(self.first_of_text(at)) + &function.name)
    }
    /// The first function with the text of number `at`.
    fn first_of_text(&self, at: usize) -> usize {
        let text = &self.functions[at].wgsl;
        self.functions.iter().position(|function| function.wgsl == *text).unwrap_or(at)
    }
    /// What stands before the names of a text. No name of ours begins so; nor does one in the text itself.
    fn prefix(&self, at: usize) -> String {
        let mut prefix = format!("user{at}_");
        while self.functions[at].wgsl.contains(&prefix) {
            prefix.push('_');
        }
        prefix
    }

    /// A compiler's message about a shader, with users' names as they wrote them.
    pub(super) fn as_written(&self, message: &str) -> String {
        let prefixes = (0..self.functions.len()).map(|at| self.prefix(at));
        prefixes.fold(message.to_owned(), |message, prefix| message.replace(&prefix, ""))
    }
}

/// What is wrong with a function's WGSL, if something is: where it does not compile, the compiler's words.
///
/// # Errors
/// The problem.
pub(crate) fn check(function: &ElementFunction) -> Result<(), String> {
    let text = &function.wgsl;
    if let Some(word) = directive(text) {
        return Err(format!(
            "the directive {word} is in the WGSL text, which becomes a part of a shader and cannot set what holds for all of it"
        ));
    }
    // Drivers take a shader's text for a string of C.
    if text.contains('\0') {
        return Err("there is a NUL in the WGSL text".to_owned());
    }
    shallow(text)?;
    let module = parse_str(text).map_err(|error| error.emit_to_string(text))?;
    // What this machine's adapters cannot do runs on the CPU, or is found when a shader is made of it.
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::all());
    let found = validator.validate(&module).map_err(|error| error.emit_to_string(text))?;
    fits_an_element(&module)?;
    for (at, own) in module.functions.iter() {
        let name = own.name.as_deref().unwrap_or("a function");
        if !found[at].available_stages.contains(ShaderStages::COMPUTE) {
            return Err(format!(
                "{name} has what belongs to fragments (discard, or differences of neighbours); kernels compute"
            ));
        }
        let depth = nested(&own.body);
        if depth > MOST_NESTED {
            return Err(too_nested(name, depth));
        }
        if waits(&own.body) {
            return Err(format!(
                "{name} has a barrier or a subgroup operation; threads of a kernel do not all come to the same elements, and would wait for ever"
            ));
        }
    }
    let found = module.functions.iter().find(|(_, found)| found.name.as_deref() == Some(&function.name));
    let (_, found) = found.ok_or_else(|| format!("there is no function {} in the WGSL text", function.name))?;
    let args: Vec<&str> = function.args.iter().map(|arg| arg.wgsl()).collect();
    let (is, wanted) = (signature(&module, found), format!("fn({}) -> {}", args.join(", "), function.result.wgsl()));
    if is == wanted { Ok(()) } else { Err(format!("its WGSL is {is}; its Rust twin needs {wanted}")) }
}

/// Conditions and loops within each other at most: of more than 80 conditions Mesa's software driver does not know which hold.
const MOST_NESTED: usize = 64;

/// Refuses what compilers would go down into until their stack ends, ours before the others.
fn shallow(text: &str) -> Result<(), String> {
    const MOST_OPERATORS: usize = 512;
    let (operators, branches) = depths(text);
    if operators > MOST_OPERATORS {
        return Err(format!(
            "a statement with {operators} characters of operators is in the WGSL text; at most {MOST_OPERATORS}: give parts of it names with let"
        ));
    }
    // Each is within the one before it.
    if branches > MOST_NESTED { Err(too_nested("a function", branches)) } else { Ok(()) }
}

fn too_nested(what: &str, depth: usize) -> String {
    format!(
        "{what} in the WGSL text has conditions or loops {depth} deep; at most {MOST_NESTED}: a switch, or a function of its own, is less deep"
    )
}

/// The blocks of a statement.
fn blocks(statement: &Statement) -> Vec<&Block> {
    match statement {
        Statement::Block(inner) => vec![inner],
        Statement::If { accept, reject, .. } => vec![accept, reject],
        Statement::Switch { cases, .. } => cases.iter().map(|case| &case.body).collect(),
        Statement::Loop { body, continuing, .. } => vec![body, continuing],
        Statement::Emit(_) | Statement::Break | Statement::Continue | Statement::Return { .. } => Vec::new(),
        Statement::Kill | Statement::ControlBarrier(_) | Statement::MemoryBarrier(_) => Vec::new(),
        Statement::Store { .. } | Statement::ImageStore { .. } | Statement::CooperativeStore { .. } => Vec::new(),
        Statement::Atomic { .. } | Statement::ImageAtomic { .. } | Statement::Call { .. } => Vec::new(),
        Statement::WorkGroupUniformLoad { .. } | Statement::SubgroupBallot { .. } => Vec::new(),
        Statement::SubgroupGather { .. } | Statement::SubgroupCollectiveOperation { .. } => Vec::new(),
        Statement::RayQuery { .. } | Statement::RayPipelineFunction(_) => Vec::new(),
    }
}

/// How many conditions and loops are within each other in a block. What `&&` and `||` guard is a condition too.
fn nested(block: &Block) -> usize {
    let depth = |statement: &Statement| {
        let own = !matches!(statement, Statement::Block(_));
        blocks(statement).into_iter().map(|inner| usize::from(own) + nested(inner)).max().unwrap_or(0)
    };
    block.iter().map(depth).max().unwrap_or(0)
}

/// Whether a block waits for other threads, or speaks with them.
fn waits(block: &Block) -> bool {
    block.iter().any(|statement| {
        let own = matches!(
            statement,
            Statement::ControlBarrier(_)
                | Statement::MemoryBarrier(_)
                | Statement::WorkGroupUniformLoad { .. }
                | Statement::SubgroupBallot { .. }
                | Statement::SubgroupGather { .. }
                | Statement::SubgroupCollectiveOperation { .. }
        );
        own || blocks(statement).into_iter().any(waits)
    })
}

/// A text may hold functions, structures, aliases, constants and private variables. All else belongs to a whole shader.
fn fits_an_element(module: &Module) -> Result<(), String> {
    let refuse = |what: &str| {
        Err(format!(
            "{what} in the WGSL text; a function of elements may have functions, structures, \
         aliases, constants and private variables beside it"
        ))
    };
    if !module.entry_points.is_empty() {
        return refuse("an entry point is");
    }
    if !module.overrides.is_empty() {
        return refuse("an override is");
    }
    if let Some((_, variable)) =
        module.global_variables.iter().find(|(_, variable)| variable.space != AddressSpace::Private)
    {
        return refuse(&format!("a variable of the address space {:?} is", variable.space));
    }
    variables_fit(module)
}

/// Every thread has variables of its own, for which WGSL promises so many bytes ("Limits" of its specification), all private ones
/// together and all of a function. Of more, drivers compile for minutes, or end the process.
fn variables_fit(module: &Module) -> Result<(), String> {
    const MOST: u64 = 8192;
    let size = |ty| u64::from(module.types[ty].inner.size(module.to_ctx()));
    let check = |what: &str, bytes: u64| {
        let problem = || format!("{what} take {bytes} bytes; WGSL promises room for {MOST}");
        if bytes > MOST { Err(problem()) } else { Ok(()) }
    };
    check("the private variables in the WGSL text", module.global_variables.iter().map(|(_, own)| size(own.ty)).sum())?;
    module.functions.iter().try_for_each(|(_, function)| {
        let name = function.name.as_deref().unwrap_or("a function");
        let bytes = function.local_variables.iter().map(|(_, own)| size(own.ty)).sum();
        check(&format!("the variables of {name}"), bytes)
    })?;
    // Values need as much room as variables: constants, arguments and results are put into some.
    let pointer = |ty: &TypeInner| matches!(ty, TypeInner::Pointer { .. } | TypeInner::ValuePointer { .. });
    module.types.iter().filter(|(_, ty)| !pointer(&ty.inner)).try_for_each(|(_, ty)| {
        let name = ty.name.as_deref().unwrap_or("an array");
        check(&format!("values of {name} in the WGSL text"), u64::from(ty.inner.size(module.to_ctx())))
    })
}

/// A function's types, as WGSL writes them.
fn signature(module: &Module, function: &Function) -> String {
    let name = |ty| module.to_ctx().type_to_string(ty);
    let args: Vec<String> = function.arguments.iter().map(|argument| name(argument.ty)).collect();
    let result = function.result.as_ref().map_or_else(String::new, |result| format!(" -> {}", name(result.ty)));
    format!("fn({}){result}", args.join(", "))
}
