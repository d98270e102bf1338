//! [`einsum`]: sums of products over named axes, two arrays at a time in an order chosen by cost.

use std::collections::{BTreeMap, BTreeSet};

use super::dyn_array::DynArray;
use super::products::matmul;
use super::promotion::promote;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, infer};
use crate::ops::{BinaryOp, ReduceOp};

/// Operands up to which the best order is found; above, the step that leaves least is taken each time.
const EXACT: usize = 6;

/// An axis by its name: a letter, or one of those that `...` stands for, counted from the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Letter(char),
    Other(usize),
}
use Label::{Letter, Other};

fn refused(what: &'static str, got: String, expected: &'static str) -> Error {
    Error::Parameter { op: "einsum", what, got, expected }
}

/// Sums of products over named axes (`np.einsum`): `"ij,jk->ik"` names the axes of two arrays and of the result. Axes of one name go
/// together, and have one length (or 1, which is repeated); what the result does not name is summed. A name twice in one array is its
/// diagonal. `...` stands for the axes that have no name, broadcast together. Without `->` the result has the names that come once, in
/// alphabetical order, after those of `...`.
///
/// Several arrays are taken two at a time, in the order of [`einsum_path`]. Each step is a fused product, a fused sum, or a product of
/// matrices ([`matmul`]), so that nothing is larger than what the steps leave. In the dtype that all are promoted to: integers wrap, `bool` is
/// or-of-ands.
///
/// # Errors
/// [`Error::Parameter`] for a text that does not parse or fit its arrays, and axes of one name whose lengths differ; [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::einsum};
/// let x: DynArray = gridloom::array([[1, 2], [3, 4]]).into();
/// let y: DynArray = gridloom::array([10, 1]).into();
/// assert_eq!(einsum("ij,j->i", &[&x, &y])?.typed::<i32>()?.to_vec()?, [12, 34]);
/// assert_eq!(einsum("ii", &[&x])?.typed::<i32>()?.to_vec()?, [5]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn einsum(text: &str, operands: &[&DynArray]) -> Result<DynArray> {
    let sum = Sum::of(text, operands)?;
    let steps = sum.steps();
    let (mut terms, output) = (sum.terms, sum.output);
    for (first, second) in steps {
        let right = terms.remove(second);
        let left = terms.remove(first);
        let kept = needed(&terms, &output);
        terms.push(left.times(right, &kept)?);
    }
    let last = terms.pop().ok_or_else(|| Error::bug("a sum of no products"))?;
    let last = last.summed(&output.iter().copied().collect())?;
    let order: Vec<usize> = output.iter().filter_map(|label| last.place(*label)).collect();
    Ok(last.array.permuted(&order))
}

/// The order in which [`einsum`] takes arrays (`np.einsum_path`): which two of those that are left go together, whose product is then the
/// last one. The order with the fewest multiplications and elements of results in between: of up to six arrays the best one, of more
/// the step that leaves least each time.
///
/// # Errors
/// As [`einsum`].
///
/// ```
/// use gridloom::{DynArray, functions::einsum_path};
/// let (x, y): (DynArray, DynArray) = (gridloom::ones::<f64>((9, 2)).into(), gridloom::ones::<f64>((2, 500)).into());
/// let z: DynArray = gridloom::ones::<f64>(500).into();
/// assert_eq!(einsum_path("ij,jk,k->i", &[&x, &y, &z])?, [(1, 2), (0, 1)]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn einsum_path(text: &str, operands: &[&DynArray]) -> Result<Vec<(usize, usize)>> {
    Ok(Sum::of(text, operands)?.steps())
}

/// An array and its axes' names.
struct Term {
    array: DynArray,
    labels: Vec<Label>,
}

/// What a text says of arrays.
struct Sum {
    terms: Vec<Term>,
    output: Vec<Label>,
    lengths: BTreeMap<Label, u64>,
}

/// The names that are still to be read.
fn needed(terms: &[Term], output: &[Label]) -> BTreeSet<Label> {
    terms.iter().flat_map(|term| &term.labels).chain(output).copied().collect()
}

impl Sum {
    fn of(text: &str, operands: &[&DynArray]) -> Result<Self> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (inputs, output) = match text.split_once("->") {
            Some((inputs, output)) => (inputs, Some(output)),
            None => (text.as_str(), None),
        };
        let inputs: Vec<&str> = inputs.split(',').collect();
        if inputs.len() != operands.len() {
            let got = format!("\"{text}\" for {} arrays", operands.len());
            return Err(refused("the text", got, "one that names the axes of each array, with commas between"));
        }
        let named: Vec<Vec<Label>> =
            inputs.iter().zip(operands).map(|(names, x)| labels(names, Some(x.ndim()))).collect::<Result<_>>()?;
        let output = match output {
            Some(names) => written(names, &named)?,
            None => implied(&named),
        };
        let mut lengths = BTreeMap::new();
        for (x, labels) in operands.iter().zip(&named) {
            for (&label, len) in labels.iter().zip(x.known_dims("einsum")?) {
                let known = lengths.entry(label).or_insert(len);
                if *known != len && *known != 1 && len != 1 {
                    let got = format!("{known} and {len}, of {}", shown(label));
                    return Err(refused("the pair of lengths of an axis", got, "equal, or 1"));
                }
                *known = if *known == 1 { len } else { *known };
            }
        }
        let dtype = operands.iter().skip(1).fold(operands[0].dtype(), |dtype, x| promote(dtype, x.dtype()));
        let terms = operands.iter().zip(named).map(|(x, labels)| Term::of(&x.cast(dtype), &labels, &lengths));
        Ok(Self { terms: terms.collect::<Result<_>>()?, output, lengths })
    }

    /// Which two of those that are left are taken each time.
    fn steps(&self) -> Vec<(usize, usize)> {
        let sets: Vec<BTreeSet<Label>> = self.terms.iter().map(|term| term.labels.iter().copied().collect()).collect();
        let output: BTreeSet<Label> = self.output.iter().copied().collect();
        let order = Order { sets, output, lengths: &self.lengths };
        if order.sets.len() <= EXACT { order.best(&order.sets.clone()).1 } else { order.greedy() }
    }
}

/// Where arrays are taken two at a time.
struct Order<'a> {
    sets: Vec<BTreeSet<Label>>,
    output: BTreeSet<Label>,
    lengths: &'a BTreeMap<Label, u64>,
}

impl Order<'_> {
    fn size(&self, labels: &BTreeSet<Label>) -> f64 {
        labels.iter().map(|label| self.lengths[label] as f64).product()
    }

    /// What two of the sets leave, with those that stay, and what that costs: multiplications, and elements written and read again.
    fn step(&self, sets: &[BTreeSet<Label>], (first, second): (usize, usize)) -> (Vec<BTreeSet<Label>>, f64, f64) {
        let all: BTreeSet<Label> = sets[first].union(&sets[second]).copied().collect();
        let mut left: Vec<BTreeSet<Label>> =
            (0..sets.len()).filter(|&k| k != first && k != second).map(|k| sets[k].clone()).collect();
        let needed: BTreeSet<Label> = left.iter().flatten().chain(&self.output).copied().collect();
        let made: BTreeSet<Label> = all.intersection(&needed).copied().collect();
        let (flops, elements) = (self.size(&all), self.size(&made));
        let gained = elements - self.size(&sets[first]) - self.size(&sets[second]);
        left.push(made);
        (left, flops + elements, gained)
    }

    fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
        (0..count).flat_map(move |first| (first + 1..count).map(move |second| (first, second)))
    }

    /// The cheapest order of all, and its cost.
    fn best(&self, sets: &[BTreeSet<Label>]) -> (f64, Vec<(usize, usize)>) {
        let mut best: Option<(f64, Vec<(usize, usize)>)> = None;
        for pair in Self::pairs(sets.len()) {
            let (left, cost, _) = self.step(sets, pair);
            if best.as_ref().is_some_and(|(known, _)| *known <= cost) {
                continue;
            }
            let (rest, steps) = self.best(&left);
            if best.as_ref().is_none_or(|(known, _)| cost + rest < *known) {
                best = Some((cost + rest, [vec![pair], steps].concat()));
            }
        }
        best.unwrap_or_default()
    }

    /// The step that leaves least, and so on.
    fn greedy(&self) -> Vec<(usize, usize)> {
        let (mut sets, mut steps) = (self.sets.clone(), Vec::new());
        while sets.len() > 1 {
            let by_gain = |&pair: &(usize, usize)| {
                let (_, cost, gained) = self.step(&sets, pair);
                (gained, cost)
            };
            let pairs = Self::pairs(sets.len());
            let Some(pair) =
                pairs.min_by(|a, b| by_gain(a).partial_cmp(&by_gain(b)).unwrap_or(std::cmp::Ordering::Equal))
            else {
                break;
            };
            sets = self.step(&sets, pair).0;
            steps.push(pair);
        }
        steps
    }
}

/// The names of an array of so many axes, or of a result, whose `...` stands for none yet.
fn labels(names: &str, ndim: Option<usize>) -> Result<Vec<Label>> {
    let (before, after) = names.split_once("...").map_or((names, None), |(before, after)| (before, Some(after)));
    let letters = |names: &str| {
        let letter = |c: char| match c.is_ascii_alphabetic() {
            true => Ok(Letter(c)),
            false => Err(refused("a name", format!("{c:?}"), "a letter, or ... once in each part")),
        };
        names.chars().map(letter).collect::<Result<Vec<_>>>()
    };
    let (before, last) = (letters(before)?, letters(after.unwrap_or(""))?);
    let named = before.len() + last.len();
    let others = match (ndim, after) {
        (None, _) => 0,
        (Some(ndim), Some(_)) if ndim >= named => ndim - named,
        (Some(ndim), None) if ndim == named => 0,
        (Some(ndim), _) => {
            let got = format!("\"{names}\" for an array of {ndim}");
            return Err(refused("the list of names", got, "as many as the array has axes, or with ... for the rest"));
        }
    };
    Ok(before.into_iter().chain((0..others).rev().map(Other)).chain(last).collect())
}

/// The axes that `...` stands for in the result: as many as it does in any array.
fn others(named: &[Vec<Label>]) -> Vec<Label> {
    let all: BTreeSet<Label> = named.iter().flatten().filter(|label| matches!(label, Other(_))).copied().collect();
    all.into_iter().rev().collect()
}

/// The result's names as they are written.
fn written(names: &str, named: &[Vec<Label>]) -> Result<Vec<Label>> {
    let others = others(named);
    let letters = labels(names, None)?;
    let at = names.find("...");
    if at.is_none() && !others.is_empty() {
        return Err(refused("the result", format!("\"{names}\""), "with ... as the arrays are"));
    }
    for (k, label) in letters.iter().enumerate() {
        if !named.iter().flatten().any(|known| known == label) {
            return Err(refused("the result's name", shown(*label), "one that an array has"));
        }
        if letters[..k].contains(label) {
            return Err(refused("the result's name", format!("{} twice", shown(*label)), "there once"));
        }
    }
    let at = at.unwrap_or(0);
    Ok(letters[..at].iter().chain(&others).chain(&letters[at..]).copied().collect())
}

/// The result's names where none are written: those that come once, in alphabetical order.
fn implied(named: &[Vec<Label>]) -> Vec<Label> {
    let letters = || named.iter().flatten().filter(|label| matches!(label, Letter(_)));
    let once: BTreeSet<Label> =
        letters().filter(|label| letters().filter(|other| other == label).count() == 1).copied().collect();
    others(named).into_iter().chain(once).collect()
}

fn shown(label: Label) -> String {
    match label {
        Letter(c) => format!("'{c}'"),
        Other(from_end) => format!("axis -{} of ...", from_end + 1),
    }
}

impl Term {
    /// An array with one axis for each name: diagonals of those that come twice. An axis of length 1 that others repeat is left out.
    fn of(array: &DynArray, labels: &[Label], lengths: &BTreeMap<Label, u64>) -> Result<Self> {
        let own = array.known_dims("einsum")?;
        let (mut kept, mut dims): (Vec<Label>, Vec<u64>) = (Vec::new(), Vec::new());
        for (&label, &len) in labels.iter().zip(&own) {
            let same = labels.iter().zip(&own).find(|(other, other_len)| **other == label && **other_len != len);
            if let Some((_, other)) = same {
                let got = format!("{other} and {len}, of {}", shown(label));
                return Err(refused("the pair of lengths of a diagonal", got, "equal"));
            }
            if len == lengths[&label] && !kept.contains(&label) {
                kept.push(label);
                dims.push(len);
            }
        }
        let map = |label: &Label| kept.iter().position(|known| known == label).map_or(AxisMap::at(0), AxisMap::whole);
        let plain = kept == labels;
        let array = if plain { array.clone() } else { array.view(labels.iter().map(map).collect(), &dims) };
        Ok(Self { array, labels: kept })
    }

    fn place(&self, label: Label) -> Option<usize> {
        self.labels.iter().position(|known| *known == label)
    }

    /// Summed over what nobody reads any more.
    fn summed(self, kept: &BTreeSet<Label>) -> Result<Self> {
        let over: Vec<usize> = (0..self.labels.len()).filter(|&k| !kept.contains(&self.labels[k])).collect();
        if over.is_empty() {
            return Ok(self);
        }
        let dtype = self.array.dtype();
        let sum = self.array.reduce(ReduceOp::Sum, Some(over.into()), false, 0.0)?.cast(dtype);
        Ok(Self { array: sum, labels: self.labels.into_iter().filter(|label| kept.contains(label)).collect() })
    }

    /// The axes in this order; of names that it does not have, axes of length 1.
    fn arranged(&self, labels: &[Label]) -> Result<DynArray> {
        let order: Vec<usize> = labels.iter().filter_map(|label| self.place(*label)).collect();
        let mut array = self.array.permuted(&order);
        for (k, _) in labels.iter().enumerate().filter(|(_, label)| self.place(**label).is_none()) {
            array = array.insert_axis(k)?;
        }
        Ok(array)
    }

    /// The product with another term, summed over what only the two of them have.
    fn times(self, other: Self, kept: &BTreeSet<Label>) -> Result<Self> {
        let of_both = |term: &Self, with: &Self| -> BTreeSet<Label> {
            with.labels.iter().chain(kept).copied().filter(|label| term.place(*label).is_some()).collect()
        };
        let (in_left, in_right) = (of_both(&self, &other), of_both(&other, &self));
        let (left, right) = (self.summed(&in_left)?, other.summed(&in_right)?);
        let shared = |label: &&Label| right.place(**label).is_some();
        let batch: Vec<Label> =
            left.labels.iter().filter(shared).filter(|label| kept.contains(label)).copied().collect();
        let inner: Vec<Label> =
            left.labels.iter().filter(shared).filter(|label| !kept.contains(label)).copied().collect();
        let rows: Vec<Label> = left.labels.iter().filter(|label| !shared(label)).copied().collect();
        let columns: Vec<Label> = right.labels.iter().filter(|label| left.place(**label).is_none()).copied().collect();
        let labels = [&batch[..], &rows, &columns].concat();
        let matrices = !inner.is_empty() && !rows.is_empty() && !columns.is_empty();
        if matrices {
            let first = left.as_matrices(&batch, &rows, &inner)?;
            let second = right.as_matrices(&batch, &inner, &columns)?;
            let product = matmul(&first, &second)?;
            let dims = labels.iter().map(|label| left.length(*label).or(right.length(*label)).unwrap_or(1));
            let dims: Vec<i64> = dims.map(|len| infer::length("einsum", len)).collect::<Result<_>>()?;
            let array = if product.ndim() == labels.len() { product } else { product.reshape(dims)? };
            return Ok(Self { array, labels });
        }
        let all = [&labels[..], &inner].concat();
        // Half floats are rounded once, as those of a product are.
        let dtype = left.array.dtype();
        let wide = if inner.is_empty() { dtype } else { dtype.computed() };
        let product = left.arranged(&all)?.cast(wide).binary(BinaryOp::Mul, right.arranged(&all)?.cast(wide))?;
        let sum = Self { array: product, labels: all }.summed(&labels.iter().copied().collect())?;
        Ok(Self { array: sum.array.cast(dtype), labels: sum.labels })
    }

    fn length(&self, label: Label) -> Option<u64> {
        self.place(label).and_then(|k| self.array.node().dims()[k])
    }

    /// Matrices whose rows and columns are several axes each, numbered by others.
    fn as_matrices(&self, batch: &[Label], rows: &[Label], columns: &[Label]) -> Result<DynArray> {
        let array = self.arranged(&[batch, rows, columns].concat())?;
        if rows.len() == 1 && columns.len() == 1 {
            return Ok(array);
        }
        let size = |labels: &[Label]| {
            let size = labels.iter().try_fold(1u64, |size, &label| size.checked_mul(self.length(label).unwrap_or(1)));
            infer::length("einsum", size.unwrap_or(u64::MAX))
        };
        let mut shape: Vec<i64> = batch.iter().map(|label| size(&[*label])).collect::<Result<_>>()?;
        shape.extend([size(rows)?, size(columns)?]);
        array.reshape(shape)
    }
}
