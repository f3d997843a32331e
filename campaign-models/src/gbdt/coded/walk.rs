//! One row through all trees.
//!
//! A step is two loads, a comparison and an addition, never a branch: a node's children stand side by
//! side, and a leaf leads to itself. So that the processor takes other steps while it waits for a
//! load, a row walks several trees side by side.

use pulp::{Arch, NullaryFnOnce};

use super::super::tree::{Child, Tree};
use super::columns::{CodedTest, Columns};
use super::{MISSING, PLANES};

/// Nodes of a page: as many as 16 bits number, so that no step needs a bounds check.
const PAGE: usize = 1 << 16;

/// Trees that a row walks side by side.
const LANES: usize = 8;

/// Steps before the first look whether all have arrived: rarely is every leaf nearer.
const UNSEEN: usize = 8;

/// Bytes that hold one bit for each of 256 bounds.
const ROW: usize = 32;

/// A node: its plane in the lowest byte, then its bound, then where codes up to the bound lead; others
/// lead one further. A leaf's bound is the highest code.
type Node = u32;

/// Trees that share a page, with what a walk that ends at a node adds.
#[derive(Debug, Clone)]
struct Page {
    nodes: Box<[Node; PAGE]>,
    values: Vec<f64>,
    roots: Vec<u16>,
}

/// Trees flattened.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    pages: Vec<Page>,
    /// Where levels are tested.
    outcomes: Option<Outcomes>,
}

/// What every test says of every code, a bit each.
///
/// A plane of numbers shares [`ROW`] bytes per code: bit `bound` says whether the code is above it. A
/// column of levels has planes of its own, each for up to 256 of the sets that nodes test, and in each
/// [`ROW`] bytes per code: bit `set` says whether the code goes right.
#[derive(Debug, Clone)]
struct Outcomes {
    bits: Vec<u8>,
    groups: Vec<Group>,
}

/// Up to 256 sets of a column of levels.
#[derive(Debug, Clone)]
struct Group {
    levels: usize,
    start: usize,
    sets: Vec<Vec<u8>>,
}

impl Outcomes {
    fn new() -> Self {
        let bits = (0..=MISSING).flat_map(|code| {
            (0..ROW).map(move |byte| {
                (0..8)
                    .fold(0, |bits, bit| bits | u8::from(usize::from(code) > byte * 8 + bit) << bit)
            })
        });
        Self { bits: bits.collect(), groups: Vec::new() }
    }

    /// The plane and bound of a set: an old one, or a new one that is added.
    fn set(&mut self, levels: usize, codes: Vec<u8>) -> (usize, u8) {
        for (plane, group) in self.groups.iter().enumerate().filter(|(_, g)| g.levels == levels) {
            if let Some(at) = group.sets.iter().position(|set| *set == codes) {
                return (plane, at as u8);
            }
        }
        let has_room = |g: &Group| g.levels == levels && g.sets.len() < 256;
        let plane = self.groups.iter().position(has_room).unwrap_or_else(|| {
            let start = self.bits.len();
            self.bits.resize(start + 256 * ROW, 0);
            self.groups.push(Group { levels, start, sets: Vec::new() });
            self.groups.len() - 1
        });
        let group = &mut self.groups[plane];
        let at = group.sets.len();
        for code in (0..=MISSING).filter(|code| !codes.contains(code)) {
            self.bits[group.start + usize::from(code) * ROW + at / 8] |= 1 << (at % 8);
        }
        group.sets.push(codes);
        (plane, at as u8)
    }
}

impl Walk {
    /// `None` for a tree that no page holds, or more planes than a byte numbers.
    pub(super) fn new(trees: &[Tree], columns: &Columns) -> Option<Self> {
        let outcomes = (!columns.levels().is_empty()).then(Outcomes::new);
        let mut walk = Self { pages: Vec::new(), outcomes };
        trees.iter().try_for_each(|tree| walk.push(tree, columns))?;
        let groups = walk.outcomes.as_ref().map_or(0, |o| o.groups.len());
        (columns.n_planes() + groups <= PLANES).then_some(walk)
    }

    fn push(&mut self, tree: &Tree, columns: &Columns) -> Option<()> {
        let size = tree.nodes.len() + tree.leaves.len();
        let is_full = |page: &Page| page.values.len() + size > PAGE;
        if self.pages.last().is_none_or(is_full) {
            let nodes = vec![0; PAGE].try_into().ok()?;
            self.pages.push(Page { nodes, values: Vec::new(), roots: Vec::new() });
        }
        let Self { pages, outcomes } = self;
        let page = pages.last_mut()?;
        let root = page.values.len();
        page.roots.push(u16::try_from(root).ok()?);
        let first = if tree.nodes.is_empty() { Child::leaf(0) } else { Child::node(0) };
        // What will stand at `root` and after it, in that order.
        let mut children = vec![first];
        let mut at = 0;
        while let Some(&child) = children.get(at) {
            let (plane, bound, next, value) = match child.index() {
                Ok(node) => {
                    let node = &tree.nodes[node];
                    let next = root + children.len();
                    children.extend([node.left, node.right]);
                    match columns.test(node.feature, &node.test, node.missing_left)? {
                        CodedTest::UpTo { plane, bound } => (usize::from(plane), bound, next, 0.0),
                        CodedTest::Among { levels, codes } => {
                            let (plane, bound) = outcomes.as_mut()?.set(levels, codes);
                            (columns.n_planes() + plane, bound, next, 0.0)
                        }
                    }
                }
                Err(leaf) => (0, MISSING, root + at, tree.leaves.get(leaf)?.value),
            };
            let (plane, next) = (u8::try_from(plane).ok()?, u16::try_from(next).ok()?);
            let node = u32::from(plane) | u32::from(bound) << 8 | u32::from(next) << 16;
            *page.nodes.get_mut(root + at)? = node;
            page.values.push(value);
            at += 1;
        }
        Some(())
    }

    #[inline]
    pub(super) fn score(&self, start: f64, row: &[f64], columns: &Columns, arch: Arch) -> f64 {
        let mut codes = [0; PLANES];
        arch.dispatch(Encode { columns, row, codes: &mut codes });
        let Some(outcomes) = &self.outcomes else {
            let above = |node| codes[usize::from(node as u8)] > (node >> 8) as u8;
            return self.walk(start, |node| u32::from(above(node)));
        };
        let mut starts = codes.map(|code| u32::from(code) * ROW as u32);
        for (group, start) in outcomes.groups.iter().zip(&mut starts[columns.n_planes()..]) {
            let code = columns.levels()[group.levels].code(row);
            *start = (group.start + usize::from(code) * ROW) as u32;
        }
        self.walk(start, |node| {
            let bound = node >> 8 & 255;
            let byte = starts[usize::from(node as u8)] + bound / 8;
            u32::from(outcomes.bits[byte as usize] >> (bound % 8) & 1)
        })
    }

    /// A score that starts here and each tree's value, where `right` says of a node whether the row goes right.
    #[inline(always)]
    fn walk(&self, mut score: f64, right: impl Fn(Node) -> u32) -> f64 {
        for page in &self.pages {
            let step = |at: u32| {
                let node = page.nodes[usize::from(at as u16)];
                (node >> 16) + right(node)
            };
            let (groups, rest) = page.roots.as_chunks::<LANES>();
            for group in groups {
                let mut at = group.map(u32::from);
                for _ in 0..UNSEEN {
                    at = at.map(step);
                }
                loop {
                    let next = at.map(step).map(step);
                    // Summed rather than compared, which would go through memory.
                    let moved =
                        next.iter().zip(&at).fold(0, |moved, (to, from)| moved | (to ^ from));
                    at = next;
                    if moved == 0 {
                        break;
                    }
                }
                at.iter().for_each(|leaf| score += page.values[*leaf as usize]);
            }
            for root in rest {
                let mut at = u32::from(*root);
                let mut next = step(at);
                while next != at {
                    (at, next) = (next, step(next));
                }
                score += page.values[at as usize];
            }
        }
        score
    }
}

/// A row's codes, compared with the machine's widest instructions.
struct Encode<'a> {
    columns: &'a Columns,
    row: &'a [f64],
    codes: &'a mut [u8; PLANES],
}

impl NullaryFnOnce for Encode<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.columns.encode(self.row, self.codes);
    }
}
