//! Runs without a client: sources that are read when they are needed, observers that note tasks, sinks that note chunks.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use gridloom::chunks::Chunks;
use gridloom::error::{Error, Result};
use gridloom::event::{Event, Events, Observer};
use gridloom::fault::Faults;
use gridloom::graph::{Layout, Node, Op, Source, Unique};
use gridloom::host::HostBuffer;
use gridloom::plan::Plan;
use gridloom::plan::findings::Findings;
use gridloom::plan::task::ChunkId;
use gridloom::schedule::{Access, ChunkValue, Control, Device, Run, Sink, Store, Surroundings, Threads};
use gridloom::{Array, ChunkSpec, Element};

/// A source like a file: a function of the place, read by region.
struct Elsewhere<T: Element> {
    shape: Vec<u64>,
    element: fn(u64) -> T,
}

impl<T: Element> Source for Elsewhere<T> {
    fn chunk(&self, _: &[u64], region: &[(u64, u64)]) -> Result<(Arc<HostBuffer>, Layout, Vec<u64>)> {
        let shape: Vec<u64> = region.iter().map(|(start, end)| end - start).collect();
        let mut values = Vec::new();
        let whole = Chunks::new(self.shape.iter().map(|&n| gridloom::chunks::AxisChunks::regular(n, 1)).collect());
        let part = Chunks::new(shape.iter().map(|&n| gridloom::chunks::AxisChunks::regular(n, 1)).collect());
        for i in 0..part.count() {
            let at: Vec<u64> = part.coord(i).iter().zip(region).map(|(at, (start, _))| at + start).collect();
            values.push((self.element)(whole.index(&at)).store());
        }
        Ok((Arc::new(HostBuffer::from_vec::<T>(values)), Layout::c_order(&shape), shape))
    }
    fn describe(&self) -> String {
        "elsewhere".into()
    }
    fn in_memory(&self) -> bool {
        false
    }
}

/// An array that is not in memory: element `i` in C order is `element(i)`.
pub(crate) fn elsewhere<T: Element>(shape: &[usize], chunks: impl Into<ChunkSpec>, element: fn(u64) -> T) -> Array<T> {
    let shape: Vec<u64> = shape.iter().map(|&n| n as u64).collect();
    let chunks = chunks.into().resolve(&shape, T::DTYPE).expect("chunks that fit");
    let source: Arc<dyn Source> = Arc::new(Elsewhere { shape, element });
    let node = Node::new(Op::Source(Unique::new(source)), vec![], T::DTYPE, chunks);
    Array::from_node(node).expect("the same dtype")
}

/// What an observer noted of tasks.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    /// Tasks in the order in which they began.
    pub(crate) started: Vec<ChunkId>,
    /// And ended: when, as the number of tasks that ended before.
    pub(crate) ended: HashMap<ChunkId, usize>,
    begun: HashSet<ChunkId>,
    /// What was wrong: a task before what it reads, or twice.
    pub(crate) wrong: Vec<String>,
}

/// Notes the tasks of one plan; checks that each comes once, and after what it reads.
pub(crate) struct Notes {
    plan: Option<Arc<Plan>>,
    lent: fn(&Plan, ChunkId) -> bool,
    pub(crate) noted: Mutex<Noted>,
}

impl Notes {
    /// `lent` says which chunks are there without a task.
    pub(crate) fn of(plan: &Arc<Plan>, lent: fn(&Plan, ChunkId) -> bool) -> Arc<Self> {
        Arc::new(Self { plan: Some(plan.clone()), lent, noted: Mutex::default() })
    }
    /// Of whatever runs: dependencies are not checked.
    pub(crate) fn of_any() -> Arc<Self> {
        Arc::new(Self { plan: None, lent: |_, _| true, noted: Mutex::default() })
    }
}

impl Observer for Notes {
    fn event(&self, event: &Event) {
        let mut noted = self.noted.lock().unwrap();
        match event {
            Event::Started { stage, chunk, .. } => {
                let id = ChunkId::new(*stage, *chunk);
                if let Some(plan) = &self.plan {
                    if !noted.begun.insert(id) {
                        noted.wrong.push(format!("task {id:?} began twice"));
                    }
                    for dep in plan.dependencies(id) {
                        if !(self.lent)(plan, dep) && !noted.ended.contains_key(&dep) {
                            noted.wrong.push(format!("task {id:?} began before {dep:?} had ended"));
                        }
                    }
                }
                noted.started.push(id);
            }
            Event::Ended { stage, chunk, .. } => {
                let before = noted.ended.len();
                noted.ended.insert(ChunkId::new(*stage, *chunk), before);
            }
            _ => {}
        }
    }
}

/// Counts how often each chunk of each output comes.
#[derive(Default)]
pub(crate) struct Counting {
    pub(crate) taken: Mutex<HashMap<(usize, u64), u32>>,
    /// After so many chunks taking fails.
    pub(crate) fails_after: Option<usize>,
}

impl Sink for Counting {
    fn take(&self, output: usize, chunk: u64, _: &Arc<ChunkValue>, _: Access<'_>) -> Result<()> {
        let mut taken = self.taken.lock().unwrap();
        if self.fails_after.is_some_and(|after| taken.len() >= after) {
            let source = std::io::Error::other("the sink is full");
            return Err(Error::Io { op: "sink", path: "nowhere".into(), source });
        }
        *taken.entry((output, chunk)).or_insert(0) += 1;
        Ok(())
    }
    fn reads(&self) -> bool {
        false
    }
}

/// A run on the null device, with `lookahead` tasks kept ready.
pub(crate) fn null_run(
    plan: &Arc<Plan>,
    sink: Arc<dyn Sink>,
    lookahead: usize,
    observers: &[Arc<dyn Observer>],
) -> Arc<Run> {
    let events = Events::default();
    observers.iter().for_each(|observer| events.add(observer.clone()));
    let around = Surroundings {
        device: Device::Null,
        store: Store::new(1 << 30, None, events.clone(), Arc::<Faults>::default()),
        events,
        control: Control::default(),
        threads: Threads::new(1),
        lookahead,
    };
    Run::new(plan.clone(), Findings::default(), around, sink)
}
